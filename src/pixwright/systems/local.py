"""The embedded default: rules, the packaged backbone, and editors at full resolution. No torch, no download."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from pixwright.encoders.bundle import Encoders
from pixwright.encoders.parts.table import Parts, pulled
from pixwright.ground import Scene, everybody, ground, ground_other, ground_step, see
from pixwright.models.options import options_from
from pixwright.records.evidence import Evidence
from pixwright.records.instruction import Array
from pixwright.records.plan import Step
from pixwright.records.region import Box, Region
from pixwright.records.result import Origin
from pixwright.records.thing import Thing
from pixwright.systems.contract import NO_OPTIONS, Judge, System
from pixwright.systems.options import LocalOptions
from pixwright.words import read

EMBEDDED = "embedded"
"""The option `parts` without any pulled network."""


def local(encoders: Encoders | None = None, options: Mapping[str, str] = NO_OPTIONS) -> System:
    """The embedded system."""
    chosen = options_from(LocalOptions, options).parts
    from pixwright.edit import dispatch
    from pixwright.parse import parse

    enc = encoders or Encoders(parts_from(chosen))
    return System(
        name="local",
        options={"parts": ",".join(enc.parts.names)} if enc.parts.names else {},
        encoders=enc,
        parse=lambda instruction, picture: parse(instruction, picture, enc),
        eyes=lambda: EmbeddedEyes(enc),
        edit=dispatch.edit,
        judge=judge_with(enc),
    )


def parts_from(chosen: str) -> Parts:
    """The pulled networks that `auto`, `embedded`, or names with commas mean. Raises as `Parts`."""
    if chosen == EMBEDDED:
        return Parts()
    return Parts(pulled() if chosen == "auto" else [name.strip() for name in chosen.split(",") if name.strip()])


def judge_with(encoders: Encoders) -> Judge:
    """The judge of every system, with those networks."""
    from pixwright.judge import judge_step

    return lambda before, after, step, region, mask, evidence, eyes: judge_step(
        before, after, step, region, mask, evidence, encoders=encoders, ground=eyes.find, salient=eyes.salient
    )


def score_with(encoders: Encoders) -> Callable[[Array, Array, Step, Region, Array, Evidence], float]:
    """What that judge says of one of several paintings."""
    judge = judge_with(encoders)

    def score(before: Array, after: Array, step: Step, region: Region, mask: Array, evidence: Evidence) -> float:
        made = replace(evidence, origin=Origin.GENERATED)
        return judge(before, after, step, region, mask, made, EmbeddedEyes(encoders)).score

    return score


class EmbeddedEyes:
    """The embedded grounder, with the scenes and sightings of the edit so far."""

    def __init__(self, encoders: Encoders) -> None:
        self._encoders = encoders
        self._scenes: dict[int, tuple[Array, Scene]] = {}
        self._found: dict[tuple[int, Thing], Region] = {}
        self._of_steps: dict[tuple[int, Step], Region] = {}

    def find(self, picture: Array, phrase: str | Thing) -> Region:
        """Where the phrase is in the picture HxWx3."""
        scene, thing = self._scene(picture), read(phrase)
        key = (id(scene), thing)
        if key not in self._found:
            self._found[key] = ground(scene, thing, self._encoders)
        return self._found[key]

    def find_step(self, picture: Array, step: Step, user: Region | None) -> Region:
        """The region that a step edits."""
        scene = self._scene(picture)
        key = (id(scene), step)
        if user is not None:
            return ground_step(scene, step, self._encoders, user)
        if key not in self._of_steps:
            self._of_steps[key] = ground_step(scene, step, self._encoders, None)
        return self._of_steps[key]

    def find_other(self, picture: Array, step: Step, besides: Region) -> Region:
        """What else the step may mean, if `besides` was not it."""
        return ground_other(self._scene(picture), step, besides)

    def salient(self, picture: Array) -> Array:
        """What stands out of the picture HxWx3: HxW uint8."""
        return self._scene(picture).standing_out

    def people(self, picture: Array) -> Array:
        """Everybody who is surely seen in the picture HxWx3 and does not stand out: HxW uint8."""
        return everybody(self._scene(picture))

    def things(self, picture: Array) -> tuple[Box, ...]:
        """The boxes of what is surely seen in the picture HxWx3, whatever it is."""
        return self._scene(picture).sure_boxes

    def again(self, picture: Array) -> EmbeddedEyes:
        """Eyes for another edit: they know what these have seen of the picture HxWx3, and of no other."""
        eyes, scene = EmbeddedEyes(self._encoders), self._scene(picture)
        eyes._scenes[id(picture)] = picture, scene
        eyes._found = {key: region for key, region in self._found.items() if key[0] == id(scene)}
        return eyes

    def _scene(self, picture: Array) -> Scene:
        """The picture is kept with its scene, so an id in the table cannot be another array's."""
        if id(picture) not in self._scenes:
            self._scenes[id(picture)] = picture, see(picture, self._encoders)
        return self._scenes[id(picture)][1]
