#!/bin/sh
# Runs all tests; first finds what they need: the browser for tests/browser, named to them in CHROMIUM (and in
# CHROMIUM_HEADLESS the same without windows, which is quicker, where Debian has it), the libraries that draw, the slicer
# that estimates are held against, nginx for several processes, a mail server, and the screen on which “Open file” is clicked.
set -eu

# The tests start the server and its workers hundreds of times: none of them should compile all of it anew.
unset PYTHONDONTWRITEBYTECODE

find_chromium() {
    for name in chromium chromium-browser google-chrome google-chrome-stable \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
        command -v "$name" && return
    done
    return 1
}

is_debian_as_root() {
    [ "$(id -u)" = 0 ] && grep -qx 'ID=debian' /etc/os-release 2>/dev/null
}

install() {
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >/dev/null || true
}

# Says nothing when a picture can be drawn, else what is missing.
missing_graphics() {
    .venv/bin/python -c 'from printlab.geometry.gl_probe import probe; print(probe() or "", end="")'
}

if [ -z "${CHROMIUM:-}" ]; then
    if ! CHROMIUM=$(find_chromium) && is_debian_as_root; then
        install chromium
        CHROMIUM=$(find_chromium) || CHROMIUM=
    fi
    if ! CHROMIUM_HEADLESS=$(command -v chromium-headless-shell) && is_debian_as_root; then
        install chromium-headless-shell
        CHROMIUM_HEADLESS=$(command -v chromium-headless-shell) || CHROMIUM_HEADLESS=
    fi
    export CHROMIUM_HEADLESS
fi
if [ -z "$CHROMIUM" ]; then
    echo "Missing: Chromium or Chrome (Debian: apt install chromium; otherwise set CHROMIUM=/path/to/it)." >&2
    [ "${CI:-}" != true ] || exit 1
    echo "The tests in tests/browser will fail without it." >&2
else
    export CHROMIUM
fi

graphics=$(missing_graphics)
if [ -n "$graphics" ] && is_debian_as_root; then
    install libegl1 libgl1-mesa-dri
    graphics=$(missing_graphics)
fi
if [ -n "$graphics" ]; then
    echo "Missing: $graphics" >&2
    [ "${CI:-}" != true ] || exit 1
    echo "The tests that draw will be skipped or fail without it." >&2
fi

if ! command -v prusa-slicer >/dev/null && is_debian_as_root; then
    install prusa-slicer
fi
if ! command -v prusa-slicer >/dev/null; then
    echo "Missing: PrusaSlicer (Debian: apt install prusa-slicer)." >&2
    [ "${CI:-}" != true ] || exit 1
    echo "The tests that slice will be skipped without it." >&2
fi

if ! PATH="$PATH:/usr/sbin" command -v nginx >/dev/null && is_debian_as_root; then
    install nginx-light
fi
if ! PATH="$PATH:/usr/sbin" command -v nginx >/dev/null; then
    echo "Missing: nginx (Debian: apt install nginx-light)." >&2
    [ "${CI:-}" != true ] || exit 1
    echo "The tests of several processes will be skipped without it." >&2
fi

if ! { command -v Xvfb && command -v xdg-mime; } >/dev/null && is_debian_as_root; then
    install xvfb xdg-utils
fi
if ! { command -v Xvfb && command -v xdg-mime; } >/dev/null; then
    echo "Missing: Xvfb or xdg-utils (Debian: apt install xvfb xdg-utils)." >&2
    [ "${CI:-}" != true ] || exit 1
    echo "The tests that open files from the browser will be skipped without them." >&2
fi

if ! PATH="$PATH:/usr/sbin" command -v smtpd >/dev/null && is_debian_as_root; then
    install opensmtpd
fi
if ! PATH="$PATH:/usr/sbin" command -v smtpd >/dev/null; then
    echo "Missing: OpenSMTPD (Debian: apt install opensmtpd)." >&2
    [ "${CI:-}" != true ] || exit 1
    echo "The tests that send to a real mail server will be skipped without it." >&2
fi

failed=0
.venv/bin/python -m pytest -n 2 --dist loadfile -m "not serial" --ignore tests/browser || failed=1
# Two browsers, their servers and the workers of these share the machine. What failed beside the others is named, and has
# to pass once it has the machine to itself: what is broken fails again.
.venv/bin/python -m pytest -n 2 --dist loadfile -m "not serial" tests/browser ||
    .venv/bin/python -m pytest -m "not serial" --last-failed --last-failed-no-failures none tests/browser || failed=1
# Measured or killed processes get the machine to themselves. 5: no test is marked serial.
.venv/bin/python -m pytest -m serial || [ $? = 5 ] || failed=1
exit "$failed"
