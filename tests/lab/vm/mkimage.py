#!/usr/bin/env python3
"""Make the container images' file systems out of the packages that the server's own root already has.

mkimage.py ROOT BACKEND_DIR OUT_DIR   writes OUT_DIR/backend.tar and OUT_DIR/tiny.tar
A second bootstrap would cost half a minute and give a larger image.
"""
import io
import os
import re
import sys
import tarfile

WANTED = ["base-files", "bash", "dash", "coreutils", "grep", "sed", "gawk", "mawk", "tar", "gzip", "findutils",
          "procps", "hostname", "util-linux", "curl", "python3"]
EXTRA = ["/usr/bin/docker", "/usr/share/zoneinfo/Asia/Shanghai", "/usr/share/zoneinfo/UTC", "/usr/share/zoneinfo/Etc/UTC"]
SKIP = re.compile(r"^/usr/share/(?:doc|man|locale|info|lintian|bash-completion|perl|i18n|zsh)(/|$)"
                  r"|/(?:test|tests|idlelib|lib2to3|ensurepip|distutils|turtledemo|tkinter|pydoc_data)(/|$)"
                  r"|__pycache__|\.pyc$|/perl-base|/gconv/|^/usr/bin/perl|^/lib/systemd|^/usr/lib/systemd")
NEVER = {"perl-base", "debconf", "cdebconf", "init-system-helpers", "dpkg", "tzdata", "passwd", "login", "mount"}
APPLETS = ("sh ls cat sleep tail echo env ps kill tar gzip httpd true false date df mount id hostname "
           "mkdir rm cp mv chmod find grep du wc head stat touch test wget nc").split()


def packages(root):
    found, current = {}, {}
    with open(f"{root}/var/lib/dpkg/status", encoding="utf-8") as f:
        for line in f:
            if line == "\n":
                current = {}
            elif line.startswith("Package: "):
                current = found.setdefault(line[9:].strip(), {})
            elif line.startswith(("Depends: ", "Pre-Depends: ")):
                current.setdefault("deps", []).extend(line.split(": ", 1)[1].split(","))
            elif line.startswith("Provides: "):
                current["provides"] = [p.split()[0] for p in line[10:].split(",")]
    return found


def closure(found):
    provided = {p.strip(): name for name, data in found.items() for p in data.get("provides", [])}
    todo, done = [w for w in WANTED if w in found], []
    while todo:
        name = todo.pop()
        if name in done or name in NEVER:
            continue
        done.append(name)
        for group in found[name].get("deps", []):
            for option in group.split("|"):
                want = option.split("(")[0].strip().split(":")[0]
                want = want if want in found else provided.get(want)
                if want:
                    todo.append(want)
                    break
    return done


def files(root, names):
    info = f"{root}/var/lib/dpkg/info"
    for name in names:
        for path in (f"{info}/{name}.list", f"{info}/{name}:amd64.list"):
            if os.path.exists(path):
                with open(path, encoding="utf-8") as f:
                    yield from (line.rstrip("\n") for line in f)


class Image:
    def __init__(self, root, path):
        self.root = root
        self.tar = tarfile.open(path, "w", format=tarfile.GNU_FORMAT)
        self.seen = set()

    def add(self, path):
        """A path of the root, put where the root's own links (/bin -> usr/bin) lead."""
        if path in ("/", "/.") or SKIP.search(path):
            return
        folder = os.path.realpath(os.path.dirname(self.root + path))
        full = os.path.join(folder, os.path.basename(path))
        if not os.path.lexists(full) or not full.startswith(self.root):
            return
        name = full[len(self.root) + 1:]
        if name in self.seen:
            return
        self.seen.add(name)
        parent = os.path.dirname(name)
        if parent:
            self.add("/" + parent)
        info = self.tar.gettarinfo(full, name)
        info.uid = info.gid = 0
        info.uname = info.gname = "root"
        if info.isreg():
            info.type, info.linkname, info.size = tarfile.REGTYPE, "", os.path.getsize(full)
            with open(full, "rb") as f:
                self.tar.addfile(info, f)
        else:
            if info.islnk():  # a second name of a file already packed
                info.type, info.size = tarfile.REGTYPE, os.path.getsize(full)
                with open(full, "rb") as f:
                    self.tar.addfile(info, f)
                return
            self.tar.addfile(info)

    def put(self, name, path=None, link=None, mode=0o755, text=None):
        if name in self.seen:  # docker takes no name twice
            return
        self.seen.add(name)
        info = tarfile.TarInfo(name)
        info.mode = mode
        if link is not None:
            info.type, info.linkname = tarfile.SYMTYPE, link
            self.tar.addfile(info)
        elif path is None and text is None:
            info.type = tarfile.DIRTYPE
            self.tar.addfile(info)
        else:
            data = text.encode() if path is None else open(path, "rb").read()
            info.size = len(data)
            self.tar.addfile(info, io.BytesIO(data))


def main():
    root, backend, out = os.path.realpath(sys.argv[1]), sys.argv[2], sys.argv[3]
    names = closure(packages(root))
    image = Image(root, f"{out}/backend.tar")
    for link in ("/bin", "/sbin", "/lib", "/lib64"):
        image.add(link)
    for path in files(root, names):
        image.add(path)
    for path in EXTRA + ["/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/ld.so.cache", "/etc/ld.so.conf",
                         "/bin/sh", "/usr/bin/awk", "/etc/alternatives/awk"]:
        image.add(path)
    for name in ("proc", "sys", "dev", "run", "root", "mnt", "app", "usr/local", "usr/local/bin"):
        image.put(name)
    image.put("tmp", mode=0o1777)
    image.put("usr/bin/python", link="python3")
    image.put("usr/local/bin/python", link="/usr/bin/python3")
    image.put("usr/local/bin/python3", link="/usr/bin/python3")
    for base, folders, found in os.walk(f"{backend}/app"):
        folders[:] = sorted(f for f in folders if f != "__pycache__")
        at = "app" + base[len(f"{backend}/app"):]
        if at != "app":
            image.put(at)
        for name in sorted(found):
            image.put(f"{at}/{name}", f"{base}/{name}", mode=0o644)
    image.tar.close()

    tiny = Image(root, f"{out}/tiny.tar")
    for name in ("bin", "etc", "proc", "sys", "dev", "tmp", "www", "data"):
        tiny.put(name)
    tiny.put("bin/busybox", f"{root}/bin/busybox")
    for name in APPLETS:
        tiny.put(f"bin/{name}", link="busybox")
    tiny.put("etc/passwd", text="root:x:0:0:root:/:/bin/sh\n", mode=0o644)
    tiny.put("www/index.html", text="<!doctype html><title>RagflowAuth</title>\n", mode=0o644)
    tiny.tar.close()
    print(f"packages in the backend image: {len(names)}, size {os.path.getsize(out + '/backend.tar') >> 20} MB")


if __name__ == "__main__":
    main()
