"""A scene as a radiance field, fitted to photographs and edited through them (Instruct-NeRF2NeRF with any system as the editor). Needs the extra `torch`.

Start at `edited` (a folder of photographs and an instruction -> the edited scene). `views` reads the folder, `fitting` fits `field` by `render`, `lifting` makes one mask of
what was found in many views, `update` edits the pictures one by one while the field learns.
"""
