"""Thing: a noun phrase, understood once. `words.phrase` makes it; everything above takes it and never reads English again."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
    model_validator,
)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, max_length=80)]
Words: TypeAlias = Annotated[tuple[Word, ...], Field(max_length=16)]
Side: TypeAlias = Literal["left", "right", "top", "bottom", "front", "back"]
Place: TypeAlias = Literal["left", "right", "top", "bottom", "middle", "background", "foreground"]


class Rank(StrEnum):
    """What picks one of several by measure: "the biggest", "the nearest"."""

    LARGEST = "largest"
    SMALLEST = "smallest"
    NEAREST = "nearest"
    FARTHEST = "farthest"
    TALLEST = "tallest"
    WIDEST = "widest"
    BRIGHTEST = "brightest"
    DARKEST = "darkest"


class Tie(StrEnum):
    """How a thing stands to another, or within the picture where there is no other. `Where.relation` uses the same words."""

    LEFT = "left"
    RIGHT = "right"
    ABOVE = "above"
    BELOW = "below"
    ON = "on"
    INSIDE = "inside"
    BESIDE = "beside"
    BEHIND = "behind"
    IN_FRONT = "in_front"
    BETWEEN = "between"
    AROUND = "around"
    WITH = "with"
    """Wearing, holding, carrying, or having: "the man with the hat"."""


class Frozen(BaseModel):
    """Base of the records that outsiders may write: frozen, and an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Order(Frozen):
    """The n-th counted from a side; -1 is the last, -2 the last but one."""

    n: Annotated[int, Field(ge=-9, le=100)]
    side: Side = "left"

    @model_validator(mode="after")
    def _counted_from_one(self) -> Order:
        if self.n == 0:
            raise ValueError("nothing is the 0th")
        return self


class Link(Frozen):
    """A relation to another thing (two for `between`)."""

    tie: Tie
    to: Annotated[tuple[Thing, ...], Field(min_length=1, max_length=2)]


class Thing(Frozen):
    """One noun phrase as a value. A plain string in a record that somebody else wrote becomes a thing that is not read yet.

    `text` is the phrase as typed and is what `str` gives. `head` is the singular noun in the lexicon's spelling, of one word or more ("hot dog"); it is
    "object" where the words only describe ("the two in the back", "the red one"), and "" while the phrase is not read (`words.phrase.read` reads it).
    With `parts` the phrase joins several things ("the cat and the dog") and says nothing itself. With `all_but` everything else is meant.
    """

    text: Text
    head: Word = ""
    plural: bool = False
    """More than one is meant: "dogs", "two dogs", "all the dogs"."""
    definite: bool = False
    """It names something that is in the picture already: "the", "this", "his", "all the"."""
    count: Annotated[int, Field(ge=0, le=1000)] | None = None
    every: bool = False
    """ "All", "both", "every", "each"."""
    other: bool = False
    """ "The other one": not the one that was spoken of."""
    colours: Words = ()
    materials: Words = ()
    sizes: Words = ()
    """ "Big", "tiny", "tall": as said of one thing; superlatives are `rank`."""
    ages: Words = ()
    states: Words = ()
    """ "Wet", "broken", "open", "striped"."""
    said: Words = ()
    """Other adjectives, in their order."""
    rank: Rank | None = None
    order: Order | None = None
    places: Annotated[tuple[Place, ...], Field(max_length=4)] = ()
    measure: Word = ""
    """ "Slice", "bundle", "pair": two slices of pizza are pizza, measured in slices."""
    of: Thing | None = None
    """What it holds, shows or is built of: a glass of milk, a bouquet of roses, a painting of a horse."""
    owner: Thing | None = None
    """ "The dog's ear", "the ear of the dog", "its ear"."""
    link: Link | None = None
    parts: Annotated[tuple[Thing, ...], Field(max_length=8)] = ()
    all_but: Thing | None = None
    whole: bool = False
    """The whole picture is meant: "the picture", "everything"."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, given: Any) -> Any:
        return {"text": given} if isinstance(given, str) else given

    @model_serializer(mode="wrap")
    def _short(self, inner: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Only what is said: a thing has two dozen fields, and a phrase fills three."""
        fields = type(self).model_fields
        return {name: value for name, value in inner(self).items() if getattr(self, name) != fields[name].default}

    def __str__(self) -> str:
        return self.text

    @property
    def understood(self) -> bool:
        """Whether `words.phrase.read` has read it."""
        return bool(self.head or self.parts or self.all_but or self.whole)

    @property
    def selective(self) -> bool:
        """Whether place, order, measure or a relation picks among several."""
        return bool(self.picks or self.link)

    @property
    def picks(self) -> bool:
        """Whether place, order or measure picks one among its like: no other of them is meant."""
        return bool(self.places or self.order or self.rank or self.other)

    @property
    def name(self) -> str:
        """The head, or the phrase itself while it is not read."""
        return self.head or self.text


Link.model_rebuild()
