"""A small document portal for tests and demonstrations: a folder tree, served over the portal's web services.

Built to the same table of calls as the adapter (docs/portal.md), which is all that is known of the real one. The tree
is that of the folder portal, side-cars included. `with RunningPortal(folder) as portal: ... portal.connection`.
"""
