"""Picture + step + region -> proposal.

Start at `dispatch` (edit type -> editor) and `contract` (what an editor is); `composite` alone decides which pixels are touched.
`editors/` has one file an edit type; they use the operations of `filling/`, `placing/`, `surfaces/`, `toning/`, `painting/`, `styles/`, `lettering/` and
`networks/`. No editor reads a file that the user did not attach, and none imports another room of the four verbs.
"""
