"""Where the ingredients of samples come from: each source lists what it has, and a catalogue opens one split of it."""

from pixwright.build.quarantine import Quarantined
from pixwright.build.source.merged import MergedCatalogue, Source
from pixwright.build.source.packaged import PackagedCatalogue, PackagedSource

__all__ = ["MergedCatalogue", "PackagedCatalogue", "PackagedSource", "Quarantined", "Source"]
