"""Who is in a picture: `meeting.py` finds bodies and faces and makes persons of them, `hair.py` tells a person's hair from the rest."""

from pixwright.ground.persons.meeting import Face, Person, hull, meet, mesh

__all__ = ["Face", "Person", "hull", "meet", "mesh"]
