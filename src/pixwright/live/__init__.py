"""Music turns into pictures while it plays: contact sheets, a performance's visuals, and a wall of people's photographs (InstructAny2Pix: appendix E).

`design` edits n pictures by m tracks on one sheet. `performance` listens (`sources`, `changes`) and shows a new picture after each new piece or section (`screens`).
`wall` watches a folder for pictures with tracks. `pages` is the small server that screens and wall share: loopback only.
"""
