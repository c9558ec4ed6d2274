"""Results of flows that flowrider ran, for notebooks, flows and hooks.

    from flowrider import client

    forest = client.get('flow.train["forest"]')
    forest.run_id, forest.parameters, forest.model

`client` reads the records beside the configuration and Metaflow's local
datastore. Importing this package needs the standard library only, and reading
needs Metaflow neither. It never runs a flow and never writes: that is the
flowrider program's job.
"""

from flowrider import client
from flowrider.errors import FlowriderError

__all__ = ["FlowriderError", "client"]
