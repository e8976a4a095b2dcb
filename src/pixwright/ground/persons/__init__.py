"""Who is in a picture: `meeting.py` finds bodies and faces and makes persons of them, `bodies.py` outlines each, `labelled.py` and `parted.py` tell hair, skin and clothes, `wearing.py` which place is what is worn."""

from pixwright.ground.persons.meeting import Face, Person, enclosed, hull, meet, mesh

__all__ = ["Face", "Person", "enclosed", "hull", "meet", "mesh"]
