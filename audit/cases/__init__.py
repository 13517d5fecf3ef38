"""The bureau's desk: what people do with what the nights found. A database, no web.

    tables     every table of the database          store      opening it, and the act: one person's change, told in the journal
    journal    append-only, hash-chained            people     accounts, passwords, sessions, tokens
    walls      who may do and see what              calendar   working days; site: the settings of a place
    opening    a night's claims become cases        repeated   what a night that was run again means for them
    seeds      a claim as the rows of a case        bills      the whole bill, kept as it was judged
    workflow   the procedure, step by step          uploads    files, by their content
    procedure  what its steps and outcomes are called
    ledger     the money, entry by entry            labels     what people finally found

Every change is an `Act`: a transaction in which a person does something and the journal says what. SQLite (WAL) by default,
PostgreSQL by setting; both run the same code.
"""
