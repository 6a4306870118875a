"""The steps: pure functions of (claim, what happens, who, when) that answer an `Outcome`.

`common` moves the machines and says what happened; the other files hold one caller's steps each.
"""
