#!/bin/sh
# Set up what Terbit needs on this machine: sh scripts/setup.sh build|test
#
#   build   what `make` needs: the text libraries that WeasyPrint loads, and .venv with the
#           packages of requirements.lock and Terbit itself
#   test    all that, and what `make test` needs: Java, Chromium, Poppler and the packages
#           of requirements-dev.lock
#
# It installs system packages when it may (as root, through sudo without a password, or with
# Homebrew); when it may not, it prints the command to run. Packages of Python go into .venv
# alone. A second run with nothing new to do ends at once.
#
# PYTHON=… chooses the Python that .venv is made from. pip's own settings are left as they are.
#
# Ends with 0: done; 2: wrong usage; 3: a part of the system is missing; else: what failed.
set -eu

libraries='libgobject-2.0.so.0 libpango-1.0.so.0 libpangoft2-1.0.so.0
libharfbuzz.so.0 libharfbuzz-subset.so.0 libfontconfig.so.1'

say() { printf 'setup: %s\n' "$*" >&2; }

stop() { # stop STATUS SENTENCE…
    status=$1
    shift
    for sentence; do say "$sentence"; done
    exit "$status"
}

# --- Stamps ---------------------------------------------------------------------------------
# .venv/stamp-MODE is written last and holds the digest of all that the mode was set up from.
# .venv/made-in names this folder, whose path the scripts in .venv carry; it is there while
# .venv is whole, and gone while packages are being installed.

digest() { # digest MODE
    locks=requirements.lock
    [ "$1" = build ] || locks="$locks requirements-dev.lock"
    # shellcheck disable=SC2086  # the locks are several words on purpose
    cat pyproject.toml $locks scripts/setup.sh | cksum
}

is_current() { # is_current MODE
    [ -f ".venv/stamp-$1" ] && [ "$(cat ".venv/stamp-$1")" = "$(digest "$1")" ] &&
        venv_works
}

# --- Python ---------------------------------------------------------------------------------

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    for candidate in ${PYTHON:+"$PYTHON"} python3.11 python3.12 python3.13 python3; do
        if command -v "$candidate" >/dev/null && is_new_enough "$candidate"; then
            printf '%s\n' "$candidate"
            return
        fi
    done
    return 1
}

# A .venv works when it was finished, in this folder, and its Python still starts.
venv_works() {
    [ "$(cat .venv/made-in 2>/dev/null)" = "$PWD" ] && is_new_enough .venv/bin/python
}

# --- The system -----------------------------------------------------------------------------
# What is missing is found by trying it, never by asking the package manager: it may have
# come from elsewhere.

has_venv() { "$python" -c 'import ensurepip, venv' 2>/dev/null; }

# WeasyPrint tries these names among others. On a Mac only WeasyPrint itself can tell; it is
# asked at the end.
has_libraries() {
    if [ "$manager" = brew ]; then
        brew list pango >/dev/null 2>&1
        return
    fi
    # shellcheck disable=SC2086  # the libraries are several words on purpose
    "$python" -c 'import ctypes, sys; [ctypes.CDLL(name) for name in sys.argv[1:]]' \
        $libraries 2>/dev/null
}

# A Mac has a `java` that only says that there is none, so it has to be run.
has_java() { java -version >/dev/null 2>&1 || "${JAVA_HOME:-.}/bin/java" -version >/dev/null 2>&1; }

# The tests drive the browser by a Node that loads libatomic, which no package here brings along.
has_chromium() {
    [ "$(uname -s)" = Darwin ] ||
        "$python" -c 'import ctypes; ctypes.CDLL("libatomic.so.1")' 2>/dev/null || return 1
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        ! command -v "$name" >/dev/null || return 0
    done
    [ -d '/Applications/Chromium.app' ] || [ -d '/Applications/Google Chrome.app' ]
}

has_poppler() { command -v pdftoppm >/dev/null; }

find_manager() {
    for name in apt-get dnf pacman apk brew; do
        if command -v "$name" >/dev/null; then
            printf '%s\n' "$name"
            return
        fi
    done
    [ "$(uname -s)" = Darwin ] && echo brew || echo none
}

packages_of() { # packages_of NEED: what the manager at hand calls it
    case $manager:$1 in
        apt-get:python) echo python3 python3-venv ;;
        apt-get:venv) "$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])' ;;
        apt-get:libraries) echo libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 ;;
        apt-get:java) echo default-jre-headless ;;
        apt-get:chromium)
            grep -q '^ID=ubuntu$' /etc/os-release && echo chromium-browser libatomic1 ||
                echo chromium libatomic1
            ;;
        apt-get:poppler) echo poppler-utils ;;
        dnf:python | dnf:venv) echo python3 ;;
        dnf:libraries) echo pango harfbuzz fontconfig ;;
        dnf:java) echo java-latest-openjdk-headless ;;
        dnf:chromium) echo chromium libatomic ;;
        dnf:poppler) echo poppler-utils ;;
        pacman:python | pacman:venv) echo python ;;
        pacman:libraries) echo pango harfbuzz fontconfig ;;
        pacman:java) echo jre-openjdk-headless ;;
        pacman:chromium) echo chromium ;;
        pacman:poppler) echo poppler ;;
        brew:python | brew:venv) echo python@3.12 ;;
        brew:libraries) echo pango ;;
        brew:java) echo openjdk ;;
        brew:chromium) echo chromium ;;
        brew:poppler) echo poppler ;;
        *:libraries) echo Pango with pangoft2, HarfBuzz with harfbuzz-subset, fontconfig ;;
        *) echo "$1" ;;
    esac
}

# The command that installs the needs, as one line; without a known manager, nothing.
command_for() { # command_for NEED…
    packages=
    for need; do packages="$packages $(packages_of "$need")"; done
    case $manager in
        apt-get) echo "apt-get install --yes --no-install-recommends$packages" ;;
        dnf) echo "dnf install --assumeyes$packages" ;;
        pacman) echo "pacman -S --needed --noconfirm$packages" ;;
        brew) echo "brew install$packages" ;;
    esac
}

# What has to stand before a command that changes the system, or failure if we may not.
privilege() {
    if [ "$manager" = brew ]; then
        command -v brew >/dev/null
    elif [ "$(id -u)" -eq 0 ]; then
        :
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        echo sudo -n
    else
        return 1
    fi
}

ask_for() { # ask_for NEED…: say what to run, and end
    command=$(command_for "$@")
    case $manager in
        none)
            for need; do say "missing: $(packages_of "$need")"; done
            stop 3 'no package manager that I know; install them and start again'
            ;;
        brew) [ -n "$(command -v brew)" ] || say 'first install Homebrew, then run this:' ;;
        *) command="sudo $command" ;;
    esac
    stop 3 "missing: $*; install with" "    $command"
}

install_packages() { # install_packages NEED…
    [ "$manager" != none ] || ask_for "$@"
    prefix=$(privilege) || ask_for "$@"
    command=$(command_for "$@")
    say "installing system packages: ${prefix:+$prefix }$command"
    [ "$manager" != apt-get ] || prefix="$prefix env DEBIAN_FRONTEND=noninteractive"
    log=$(mktemp)
    # A machine whose lists of packages are missing or old needs them fetched once.
    # shellcheck disable=SC2086  # prefix and command are several words on purpose
    if $prefix $command >"$log" 2>&1 ||
        { [ "$manager" = apt-get ] && $prefix apt-get update >"$log" 2>&1 &&
            $prefix $command >"$log" 2>&1; }; then
        rm -f "$log"
    else
        cat "$log" >&2
        rm -f "$log"
        stop 3 'the system packages could not be installed'
    fi
}

needs() { # needs WANTED…: those of them that are missing
    for need; do "has_$need" || printf '%s ' "$need"; done
}

set_up_system() {
    wanted=libraries
    venv_works || wanted="venv $wanted"
    [ "$mode" = build ] || wanted="$wanted java chromium poppler"
    # shellcheck disable=SC2086
    missing=$(needs $wanted)
    if [ -n "$missing" ]; then
        # shellcheck disable=SC2086
        install_packages $missing
        # shellcheck disable=SC2086
        missing=$(needs $missing)
        [ -z "$missing" ] || stop 3 "installed, but still not found: $missing"
    fi
    [ "$mode" != build ] || has_java ||
        say "note: no Java, so \`make check\` will skip some validators; $(command_for java)"
}

# --- .venv ----------------------------------------------------------------------------------

set_up_venv() {
    if ! venv_works; then
        say "making .venv from $python"
        rm -rf .venv
        "$python" -m venv .venv
    fi
    rm -f .venv/made-in .venv/stamp-build .venv/stamp-test
    lock=requirements.lock
    [ "$mode" = build ] || lock=requirements-dev.lock
    say "installing the packages of $lock into .venv"
    pip_install --require-hashes --requirement "$lock"
    pip_install --no-deps --no-build-isolation --editable .
    # shellcheck disable=SC2016  # the hint is for a shell to expand, not for this one
    # A deprecation here is a library that WeasyPrint will soon not do without.
    .venv/bin/python -W error::DeprecationWarning:weasyprint.text.ffi -c 'import weasyprint' ||
        stop 3 'WeasyPrint does not find the libraries that it needs, see above' \
            'on a Mac it finds those of Homebrew when .venv is made from its Python:' \
            '    rm -r .venv && PYTHON="$(brew --prefix)/bin/python3.12" make'
    printf '%s\n' "$PWD" >.venv/made-in
    digest build >.venv/stamp-build
    [ "$mode" = build ] || digest test >.venv/stamp-test
}

pip_install() {
    .venv/bin/python -m pip install --quiet --quiet --no-input --disable-pip-version-check "$@" ||
        stop 1 'pip could not install, see above; starting again goes on from here'
}

# --- In order -------------------------------------------------------------------------------

mode=${1:-}
case $mode in
    build | test) ;;
    *) stop 2 'usage: sh scripts/setup.sh build|test' ;;
esac
cd "$(dirname "$0")/.."

if is_current "$mode"; then
    touch ".venv/stamp-$mode"
    exit 0
fi

manager=$(find_manager)
[ "$manager" != apk ] || stop 3 \
    'Terbit cannot be set up on Alpine: JPype, which runs validators, has no package for musl' \
    'the Containerfile makes an image that runs there'
python=.venv/bin/python
venv_works || python=$(find_python) || {
    say 'Terbit needs Python 3.11 or later (PYTHON=… names one that is not on the path)'
    ask_for python
}
set_up_system
set_up_venv
say "ready to $mode"
