"""Parts of people, animals and vehicles. Start at `find.find_part`.

`lettering` is what is written on them; `person` gives a person's parts by the points of face and body; `creature` those of an animal or vehicle by its `silhouette`, on which `eyes` looks for two.
"""

from pixwright.ground.parts.find import find_part
from pixwright.ground.parts.lettering import find_lettering

__all__ = ["find_lettering", "find_part"]
