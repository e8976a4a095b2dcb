"""Parts of people, animals and vehicles. Start at `find.find_part`.

`person` gives a person's parts by the points of face and body; `creature` those of an animal or vehicle by its `silhouette`, on which `eyes` looks for two.
"""

from pixwright.ground.parts.find import find_part

__all__ = ["find_part"]
