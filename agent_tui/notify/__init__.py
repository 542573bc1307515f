"""What the person is told of while they look elsewhere. Knows the desk and its changes, and no widgets.

`watch` finds out what happened, from the changes that the link tells; `decide` says in which ways the person wants to
hear of it now; `words` puts it into a line; `notifier` gathers what comes in a burst and has the front do it.
Promised: nothing that the person did themselves, nothing twice, and at most one summary of what a snapshot brought.
"""
