"""`Encoders`: the packaged networks, each loaded when first used.

Passed as a value from `flow` to every room that needs one, so that a test can hand in its own.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from pixwright.encoders.parts.table import Parts

if TYPE_CHECKING:
    from pixwright.encoders.aligned import AlignedEncoder
    from pixwright.encoders.boxed.outliner import BoxOutliner
    from pixwright.encoders.critic import Critic
    from pixwright.encoders.decency import DecencyReader
    from pixwright.encoders.music import MusicTagger
    from pixwright.encoders.naming.namer import Namer
    from pixwright.encoders.people import PeopleReader
    from pixwright.encoders.picture import PictureEncoder
    from pixwright.encoders.reading import TextReader
    from pixwright.encoders.refinement import Refinement
    from pixwright.encoders.segmenter import Segmenter
    from pixwright.encoders.sight import Detector
    from pixwright.encoders.stylist import Stylist
    from pixwright.encoders.tagging.tagger import InstructionTagger
    from pixwright.encoders.text import TextEncoder
    from pixwright.encoders.worn.labeller import WornLabeller


class Encoders:
    """Lazy holder; safe to share between threads (the sessions are stateless)."""

    def __init__(self, parts: Parts | None = None) -> None:
        """`parts`: the pulled networks that may take over; none if left out."""
        self.parts = parts or Parts()

    @cached_property
    def picture(self) -> PictureEncoder:
        """EfficientNet-Lite2: features, classes and class-activation maps."""
        from pixwright.encoders.picture import PictureEncoder

        return PictureEncoder.load()

    @cached_property
    def detector(self) -> Detector:
        """NanoDet: boxes of 80 everyday kinds."""
        from pixwright.encoders.sight import Detector

        return Detector.load()

    @cached_property
    def tagger(self) -> InstructionTagger:
        """What each step of an instruction is, and what its words are for."""
        from pixwright.encoders.tagging.tagger import InstructionTagger

        return InstructionTagger.load(self.text.unmixed)

    @cached_property
    def segmenter(self) -> Segmenter:
        """IS-Net: the outline of what stands out."""
        from pixwright.encoders.segmenter import Segmenter

        return Segmenter.load()

    @cached_property
    def boxed(self) -> BoxOutliner:
        """The outline of the thing in a box."""
        from pixwright.encoders.boxed.outliner import BoxOutliner

        return BoxOutliner.load(lambda crop: self.picture.levels(crop))

    @cached_property
    def namer(self) -> Namer:
        """How well a noun names what a box holds."""
        from pixwright.encoders.naming.namer import Namer

        return Namer.load()

    @cached_property
    def worn(self) -> WornLabeller:
        """What somebody wears, and hair and skin."""
        from pixwright.encoders.worn.labeller import WornLabeller

        return WornLabeller.load(lambda crop: self.picture.levels(crop))

    @cached_property
    def people(self) -> PeopleReader:
        """BlazePose, faces and face meshes."""
        from pixwright.encoders.people import PeopleReader

        return PeopleReader.load()

    @cached_property
    def text(self) -> TextEncoder:
        """MiniLM: sentence embeddings."""
        from pixwright.encoders.text import TextEncoder

        return TextEncoder.load()

    @cached_property
    def music(self) -> MusicTagger:
        """musicnn: tags of a piece of music."""
        from pixwright.encoders.music import MusicTagger

        return MusicTagger.load()

    @cached_property
    def reader(self) -> TextReader:
        """PP-OCR: the text in a picture."""
        from pixwright.encoders.reading import TextReader

        return TextReader.load()

    @cached_property
    def stylist(self) -> Stylist:
        """Magenta's arbitrary stylisation: a picture in the style of another."""
        from pixwright.encoders.stylist import Stylist

        return Stylist.load()

    @cached_property
    def aligned(self) -> AlignedEncoder:
        """Words, pictures, sounds and music in one space."""
        from pixwright.encoders.aligned import AlignedEncoder

        return AlignedEncoder.load(lambda: self.text, lambda: self.picture, lambda: self.music)

    @cached_property
    def decency(self) -> DecencyReader:
        """nsfwjs: whether a picture is indecent."""
        from pixwright.encoders.decency import DecencyReader

        return DecencyReader.load()

    @cached_property
    def refinement(self) -> Refinement:
        """A vector of the aligned space and a score -> the vector of a picture of that meaning that is as good."""
        from pixwright.encoders.refinement import Refinement

        return Refinement.load()

    @cached_property
    def critic(self) -> Critic:
        """A change, before and after -> how likely a stranger is to accept it, and whether its place is noise."""
        from pixwright.encoders.critic import Critic

        return Critic.load()
