"""Photographs -> pairs, by the adaptive pipelines of AnyEdit (paper: appendix B.3) with the project's own grounder and editors."""

from pixwright.build.photo.look import Photo, PhotoThing, look
from pixwright.build.photo.pipelines import PIPELINES, Attempt
from pixwright.build.photo.realise import Failed, candidate, realise

__all__ = ["PIPELINES", "Attempt", "Failed", "Photo", "PhotoThing", "candidate", "look", "realise"]
