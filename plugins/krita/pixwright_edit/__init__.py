"""Krita 5 and 6: Tools > Scripts > Edit by Instruction. The picture goes to a pixwright server on this machine; the result comes back as a new layer.

A selection is the only place where anything may change. An edit that changes the picture's size opens as a new document.
"""

from krita import Krita

from .edit import PixwrightEdit

Krita.instance().addExtension(PixwrightEdit(Krita.instance()))
