"""What a process that opens foreign files gives up before it opens the first one.

A parser that is taken over by a hostile file can then reach no secret, no network, no other process and no file but the
program's own. Each part is a wall of the operating system; which of them stand on this machine is told by `walls`.
"""
