"""What can go wrong. Each message says what to do next."""


class FlowriderError(Exception):
    """Any error of this package; catch this one to catch them all."""


class RootNotFound(FlowriderError):
    """No folder with a flowrider.hcl was found."""


class WorkspaceInvalid(FlowriderError):
    """A text that cannot be the name of a workspace."""


class AddressInvalid(FlowriderError):
    """A text that is not the address of a flow."""


class RecordMissing(FlowriderError):
    """The flow has no record: it never ran with success, or under another name."""


class RecordUnreadable(FlowriderError):
    """A record that is torn, edited, in conflict, of another flow, or newer than
    this package. Nothing in it is believed."""


class RunUnavailable(FlowriderError):
    """The recorded run is not in this project's datastore, or did not succeed."""


class ArtifactMissing(FlowriderError, AttributeError):
    """The result has no artifact or output of that name."""


class ArtifactUnreadable(FlowriderError):
    """An artifact or output is there, but cannot be turned into a value here."""
