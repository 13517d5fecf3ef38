"""The bureau's desk: what people do with what the nights found. A database, no web.

    tables     every table of the database          store      opening it, and the act: one person's change, told in the journal
    journal    append-only, hash-chained            people     accounts, passwords, sessions, tokens
    walls      who may do and see what              calendar   working days; site: the settings of a place

Every change is an `Act`: a transaction in which a person does something and the journal says what. SQLite (WAL) by default,
PostgreSQL by setting; both run the same code.
"""
