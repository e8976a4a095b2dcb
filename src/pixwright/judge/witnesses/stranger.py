"""What a small network that saw many right and many spoilt changes says of this one (`encoders.critic`).

Of what it was shown in training: things that come and go, surfaces, tones, backgrounds. Of tones and backgrounds it does not know good from bad (docs/quality.md), so there only noise counts.
"""

from __future__ import annotations

from pixwright.judge.look import Look
from pixwright.judge.witnesses.heard import Heard
from pixwright.records.kind import Aspect
from pixwright.records.result import Origin


def stranger(look: Look) -> Heard | None:
    """How likely it is that a stranger does not accept what came, went or got another surface, 0 to 1."""
    traits = look.trial.step.type.traits
    if not (traits.surface or traits.changes is Aspect.THING) or look.opinion is None:
        return None
    return Heard(1 - look.opinion.accepted, "it does not look like a change that was done well")


def broken(look: Look) -> Heard | None:
    """How likely it is that the place is noise or a broken texture, 0 to 1; of all that a network painted, too. Strokes and grain are what a style asks for."""
    traits = look.trial.step.type.traits
    if traits.changes is Aspect.STYLE:
        return None
    shown = traits.surface or traits.changes in (Aspect.THING, Aspect.TONE, Aspect.BACKGROUND)
    if not (shown or look.trial.evidence.origin is Origin.GENERATED) or look.opinion is None:
        return None
    return Heard(look.opinion.broken, "what is there now looks like noise")
