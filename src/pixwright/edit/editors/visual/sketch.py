"""Sketch as guidance: an edge drawing of the wished picture. Its new lines say where and in what shape, as a scribble's do."""

from __future__ import annotations

from pixwright.edit.editors.visual.scribble import edit

__all__ = ["edit"]
