"""The two ways a command ends badly: the user can mend it, or two stages differ."""

from __future__ import annotations


class UserError(Exception):
    """Something the user can mend; printed as one line, exit status 2.

    The text names the thing, its value, what is legal and the way out.
    """


class EquivalenceError(Exception):
    """Two stages that must be equal are not; printed as one line, exit status 1."""
