"""What runs inside the sandbox: a forkserver, the tester and the candidate.

It imports the standard library alone and only itself (relatively), so that it can be mounted and
started apart from the rest of the package. `server` says how the three processes stand together.
"""
