"""The edit types of AnyEdit's visual group: a reference picture, or a drawing that says where (`guidance` reads those)."""
