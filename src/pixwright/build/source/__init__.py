"""Where the ingredients of samples come from: each source lists what it has, and a catalogue opens one split of it."""

from pixwright.build.source.carriers import IndexedSource
from pixwright.build.source.coco import CocoSource
from pixwright.build.source.folder import FolderSource
from pixwright.build.source.hub import ExistingPair, HubSource
from pixwright.build.source.merged import MergedCatalogue, MergedSource
from pixwright.build.source.packaged import PackagedCatalogue, PackagedSource

__all__ = [
    "CocoSource",
    "ExistingPair",
    "FolderSource",
    "HubSource",
    "IndexedSource",
    "MergedCatalogue",
    "MergedSource",
    "PackagedCatalogue",
    "PackagedSource",
]
