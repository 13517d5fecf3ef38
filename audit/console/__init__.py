"""The desk in a browser: server-rendered pages over `audit.cases` and the lake, and the same things as an HTTP API.

    app       create_app: the rooms, the middleware, what happens when something goes wrong
    place     what a running console works on: database, lake, rules, models, settings of the site
    door      who is it, may he, and is this change really his: sessions, tokens, roles, CSRF
    here      what a route gets: the person at work, reading, acting, and showing a page

Each room is one module with two routers: `pages` for people and `api` for programs, over the same functions of `audit.cases`.
Nothing here talks to another host (single sign-on excepted), and no page loads anything from one.
"""
