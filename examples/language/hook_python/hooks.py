"""What supplies values to flowrider.hcl beside it."""

import csv
import datetime
import os


def columns(path, skip=()):
    """The names of a table's columns, a list of texts."""
    with open(path, newline="") as table:
        return [name for name in next(csv.reader(table)) if name not in skip]


def login(password):
    """A text for whoever has the password, a text."""
    return "token for " + password


def today():
    """The date, as a text."""
    return datetime.date.today().isoformat()


def size(path):
    """The size of a file, in bytes."""
    return os.path.getsize(path)
