"""What a small network that saw many right and many spoilt changes says of this one (`encoders.critic`)."""

from __future__ import annotations

from pixwright.judge.look import Look
from pixwright.judge.witnesses.heard import Heard


def stranger(look: Look) -> Heard | None:
    """How likely it is that a stranger does not accept the change, 0 to 1."""
    return (
        None
        if look.opinion is None
        else Heard(1 - look.opinion.accepted, "it looks unlike a change that was done well")
    )


def broken(look: Look) -> Heard | None:
    """How likely it is that the place is noise or a broken texture, 0 to 1."""
    return None if look.opinion is None else Heard(look.opinion.broken, "what is there now looks like noise")
