"""Every speed promise, measured: `bin/bench dispatch` and `bin/bench ring`.

A figure here is a ratio to something bare (a ZPOPMIN, a PING) that is measured in the same run, step by step beside
what it is compared with, because milliseconds alone say more about the machine and its neighbours than about the code.
"""
