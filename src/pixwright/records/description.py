"""What a picture, a sound or a piece of music is, in words."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from itertools import groupby


@dataclass(frozen=True)
class Tag:
    """A word for it; how likely it is, in [0, 1], among the words of its kind; and the kind: thing, place, sound, mood, instrument, tag."""

    name: str
    likelihood: float
    kind: str


@dataclass(frozen=True)
class SourceDescription:
    """`kind` is picture, sound or music. `facts` are measured on the signal: of music tempo, key, mode, loudness."""

    kind: str
    caption: str
    """One sentence."""
    tags: tuple[Tag, ...] = ()
    facts: dict[str, str | float] = field(default_factory=dict)
    written_by: str = "tags"
    """Who wrote the sentence: "tags", put together from them, or "model"."""

    def json(self) -> str:
        """All of it, as one JSON object on one line."""
        return json.dumps(asdict(self), ensure_ascii=False)

    def text(self) -> str:
        """The sentence, a line for each kind of tag, and one for the facts."""
        lines = [self.caption]
        for kind, tags in groupby(self.tags, lambda tag: tag.kind):
            lines.append(f"  {kind}: {', '.join(f'{tag.name} {tag.likelihood:.0%}' for tag in tags)}")
        if self.facts:
            lines.append(f"  measured: {', '.join(f'{name} {value}' for name, value in self.facts.items())}")
        return "\n".join(lines)
