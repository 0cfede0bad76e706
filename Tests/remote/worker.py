"""A worker for BuildGrid that runs each action with nothing but its declared inputs.

    worker.py SERVER FOLDER [COUNT]

SERVER is BuildGrid's address (host:port), FOLDER is where the worker keeps its files, and COUNT is how many actions run
at once. Each action is one line in FOLDER/actions.log: its exit status and, of its outputs, the first by name.

An action runs in a root of its own. It has the input tree in /build, a new /tmp, /dev and /proc, and /usr, which holds the
compilers. It has no network, no environment but the declared one, and neither the workspace nor a home folder. For tests
only: there is no authentication, and the inputs are never evicted.
"""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import grpc
from google.protobuf.any_pb2 import Any

from buildgrid._protos.build.bazel.remote.execution.v2 import remote_execution_pb2 as execution
from buildgrid._protos.google.devtools.remoteworkers.v1test2 import bots_pb2 as bots
from buildgrid._protos.google.devtools.remoteworkers.v1test2 import worker_pb2 as machines
from buildgrid._protos.google.devtools.remoteworkers.v1test2.bots_pb2_grpc import BotsStub
from buildgrid._protos.google.rpc import code_pb2
from buildgrid.server.client.cas import Downloader, Uploader

# How long the server may keep a request for work open, in seconds.
POLL_SECONDS = 60
ACTION_SECONDS = 600

# The root of an action, as bubblewrap's options.
ROOT = [
    "bwrap", "--unshare-all", "--die-with-parent", "--clearenv",
    "--ro-bind", "/usr", "/usr",
    "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64",
    # `cc` and `c++` are links through it.
    "--ro-bind-try", "/etc/alternatives", "/etc/alternatives",
    "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp",
]  # fmt: skip


class Inputs:
    """The files and directories of the server that are on this machine already."""

    def __init__(self, downloader, folder):
        self.downloader = downloader
        self.folder = folder
        self.directories = {}
        self.lock = threading.Lock()
        folder.mkdir()

    def lay_out(self, root_digest, place):
        """Fills an empty folder with an input tree. Files are hard links to read-only files."""
        with self.lock:
            files = self._lay_out_directories(root_digest, place)
            self._fetch_files(files)
        for node, path in files:
            os.link(self._stored(node), path)

    def _lay_out_directories(self, root_digest, place):
        """Makes directories and symbolic links; returns each file's node with its path."""
        files = []
        level = [(root_digest, place)]
        while level:
            self._fetch_directories([digest for digest, _ in level])
            below = []
            for digest, path in level:
                directory = self.directories[digest.hash]
                files += [(node, path / node.name) for node in directory.files]
                for node in directory.symlinks:
                    os.symlink(node.target, path / node.name)
                for node in directory.directories:
                    (path / node.name).mkdir()
                    below.append((node.digest, path / node.name))
            level = below
        return files

    def _fetch_directories(self, digests):
        for digest in digests:
            if digest.hash not in self.directories:
                self.directories[digest.hash] = self.downloader.get_message(digest, execution.Directory())

    def _fetch_files(self, files):
        missing = {}
        for node, _ in files:
            stored = self._stored(node)
            if stored not in missing and not stored.exists():
                missing[stored] = node
        for stored, node in missing.items():
            self.downloader.download_file(node.digest, str(stored), is_executable=node.is_executable)
        self.downloader.flush()
        for stored, node in missing.items():
            stored.chmod(0o555 if node.is_executable else 0o444)

    def _stored(self, node):
        """Where a file of this content and mode is kept."""
        return self.folder / (node.digest.hash + (".x" if node.is_executable else ""))


class Worker:
    """Takes one lease at a time from the server."""

    def __init__(self, name, channel, folder, inputs, log):
        self.name = name
        self.bots = BotsStub(channel)
        self.downloader = Downloader(channel)
        self.uploader = Uploader(channel)
        self.folder = folder
        self.inputs = inputs
        self.log = log

    def run(self):
        device = machines.Device(handle=self.name)
        session = bots.BotSession(bot_id=self.name, status=bots.OK, worker=machines.Worker(devices=[device]))
        request = bots.CreateBotSessionRequest(bot_session=session)
        session = self.bots.CreateBotSession(request, timeout=POLL_SECONDS)
        while True:
            for lease in session.leases:
                if lease.state == bots.ACTIVE:
                    self.complete(lease)
            request = bots.UpdateBotSessionRequest(name=session.name, bot_session=session)
            session = self.bots.UpdateBotSession(request, timeout=POLL_SECONDS)

    def complete(self, lease):
        """Runs a lease's action and writes its result into the lease."""
        try:
            lease.result.Pack(self.execute(self.action(lease.payload), self.folder / lease.id))
        except Exception as error:  # The build is to fail with it, not the worker.
            lease.status.code = code_pb2.INTERNAL
            lease.status.message = f"{type(error).__name__}: {error}"
        lease.state = bots.COMPLETED

    def action(self, payload: Any):
        """The action itself, or the one whose digest a lease has."""
        action = execution.Action()
        if not payload.Unpack(action):
            digest = execution.Digest()
            payload.Unpack(digest)
            self.downloader.get_message(digest, action)
        return action

    def execute(self, action, place):
        command = self.downloader.get_message(action.command_digest, execution.Command())
        outputs = [*command.output_paths, *command.output_files, *command.output_directories]
        place.mkdir()
        try:
            self.inputs.lay_out(action.input_root_digest, place)
            for output in outputs:
                (place / command.working_directory / output).parent.mkdir(parents=True, exist_ok=True)
            finished = subprocess.run(
                self.command_line(command, place),
                stdin=subprocess.DEVNULL, capture_output=True, timeout=action.timeout.seconds or ACTION_SECONDS,
            )  # fmt: skip
            result = execution.ActionResult(
                exit_code=finished.returncode, stdout_raw=finished.stdout, stderr_raw=finished.stderr
            )
            self.upload(outputs, place / command.working_directory, result)
        finally:
            shutil.rmtree(place)
        self.log.write(f"{finished.returncode} {min(outputs, default='')}\n")
        return result

    @staticmethod
    def command_line(command, place):
        environment = [
            word for variable in command.environment_variables for word in ("--setenv", variable.name, variable.value)
        ]
        folder = Path("/build") / command.working_directory
        return [*ROOT, *environment, "--bind", str(place), "/build", "--chdir", str(folder), "--", *command.arguments]

    def upload(self, outputs, folder, result):
        """Uploads the outputs that are there; which ones must be there is the client's to say."""
        for output in outputs:
            path = folder / output
            if path.is_dir():
                result.output_directories.add(path=output, tree_digest=self.uploader.upload_tree(str(path)))
            elif path.is_file():
                digest = self.uploader.upload_file(str(path))
                result.output_files.add(path=output, digest=digest, is_executable=os.access(path, os.X_OK))
        self.uploader.flush()


def main():
    server, folder = sys.argv[1], Path(sys.argv[2])
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    folder.mkdir(parents=True)
    channel = grpc.insecure_channel(server)
    inputs = Inputs(Downloader(channel), folder / "content")
    log = open(folder / "actions.log", "w", buffering=1)
    workers = [Worker(f"worker-{number}", channel, folder, inputs, log) for number in range(count)]
    threads = [threading.Thread(target=worker.run, daemon=True) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
