"""Settings → services → pages and API → serve."""

# pyright: reportUnknownMemberType=false
# NiceGUI leaves parts of these signatures open.


def main() -> None:
    """Serve until the process is told to stop."""
    from fastapi.middleware.gzip import GZipMiddleware
    from nicegui import app, ui

    import pages
    from printlab import api
    from printlab.api.connections import PatientProtocol, raise_open_files
    from printlab.api.middleware import protect
    from printlab.api.routing import uploads_ended
    from printlab.interpreter import Interpreter
    from printlab.scheduler import Scheduler
    from printlab.start import start_server
    from printlab.tasks import Tasks

    raise_open_files()
    services, _lock_for_life = start_server()
    scheduler = Scheduler(services)
    tasks = Tasks(services)
    interpreter = Interpreter()

    api.install(app, services)
    app.on_startup(pages.register(services))
    protect(app, services.settings, services.keyring)
    app.on_startup(scheduler.start)
    app.on_shutdown(uploads_ended)
    if services.settings.run_tasks:
        app.on_startup(tasks.start)
        app.on_shutdown(tasks.stop)
    app.on_shutdown(scheduler.stop)
    app.on_startup(interpreter.settle)
    app.on_delete(interpreter.page_closed)

    ui.run(
        host=services.settings.host,
        port=services.settings.port,
        title=services.settings.brand_name,
        reconnect_timeout=45,
        reload=False,
        show=False,
        show_welcome_message=False,
        tailwind=False,
        uvicorn_logging_level="warning",
        http=PatientProtocol,
        ws_max_size=1_000_000,
        gzip_middleware_factory=lambda application: GZipMiddleware(application, compresslevel=6),
        timeout_graceful_shutdown=10,
        proxy_headers=bool(services.settings.trusted_proxies),
        forwarded_allow_ips=",".join(services.settings.trusted_proxies),
    )


# The sandbox's worker is an interpreter of its own that runs this file under another name, as every child of
# `multiprocessing` does: it must start no server there, nor load one.
if __name__ == "__main__":
    main()
