"""Who is in a picture: `meeting.py` finds bodies and faces and makes persons of them, `hair.py` tells a person's hair from the rest."""

from pixwright.ground.persons.meeting import Face, Person, enclosed, hull, meet, mesh

__all__ = ["Face", "Person", "enclosed", "hull", "meet", "mesh"]
