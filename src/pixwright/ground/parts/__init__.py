"""Parts of people, animals and vehicles. Start at `find.find_part`; `silhouette` tells where a creature's head is and what sticks out of it."""

from pixwright.ground.parts.find import find_part

__all__ = ["find_part"]
