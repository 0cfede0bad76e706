// An application in C++: another final, the same library.
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <thread>

#include "ratelimit.h"
#include "ratelimit_types.h"
#include "signals.skel.h"

namespace {

// Exit status where the kernel does not let this user load BPF programs at all.
constexpr int notAllowed = 77;

constexpr int ownSignals[] = {SIGUSR1, SIGUSR2};

struct Destroy {
	void operator()(struct signals *skel) const { signals::destroy(skel); }
	void operator()(struct ratelimit *limit) const { ratelimit_close(limit); }
};
using Skeleton = std::unique_ptr<struct signals, Destroy>;
using RateLimit = std::unique_ptr<struct ratelimit, Destroy>;

// Sends itself signals that it ignores: a hundred a second of one kind, ten of the other.
void sendSignals()
{
	for (int number : ownSignals)
		std::signal(number, SIG_IGN);
	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < 10; i++)
			std::raise(SIGUSR1);
		std::raise(SIGUSR2);
		std::this_thread::sleep_for(std::chrono::milliseconds(100));
	}
}

void print(const struct signals &skel, const struct ratelimit &limit)
{
	unsigned long long sent = 0;

	for (int number : ownSignals)
		std::printf("  signal %-3d sent %llu times, told %llu times\n", number, (unsigned long long)skel.bss->sent[number],
			    (unsigned long long)skel.bss->told[number]);
	for (auto count : skel.bss->sent)
		sent += count;
	const ratelimit_totals totals = ratelimit_read(&limit);
	std::printf("signals: %llu signals of %u kinds, %llu told, %llu suppressed by the rate limit\n", sent,
		    ratelimit_keys(&limit), (unsigned long long)totals.passed, (unsigned long long)totals.suppressed);
}

int run(struct signals &skel)
{
	if (int err = signals::load(&skel)) {
		std::fprintf(stderr, "signals: the kernel refuses to load the programs: %s\n", std::strerror(-err));
		return err == -EPERM || err == -ENOSYS ? notAllowed : 1;
	}
	const RateLimit limit(ratelimit_open(skel.obj));
	if (!limit) {
		std::fprintf(stderr, "signals: no rate limit in this object: %s\n", std::strerror(errno));
		return 1;
	}
	ratelimit_set(limit.get(), 15);
	if (int err = signals::attach(&skel)) {
		std::fprintf(stderr, "signals: cannot attach: %s\n", std::strerror(-err));
		return 1;
	}
	sendSignals();
	signals::detach(&skel);
	print(skel, *limit);
	return 0;
}

} // namespace

int main(int argc, char **argv)
{
	const bool openOnly = argc == 2 && std::strcmp(argv[1], "--open-only") == 0;

	if (argc > 1 && !openOnly) {
		std::fprintf(stderr, "usage: signals [--open-only]\n");
		return 2;
	}
	const Skeleton skel(signals::open());
	if (!skel) {
		std::fprintf(stderr, "signals: cannot open: %s\n", std::strerror(errno));
		return 1;
	}
	if (!openOnly)
		return run(*skel);
	std::printf("signals: opened: program %s, and map %s of the library\n", bpf_program__name(skel->progs.watch_signals),
		    bpf_map__name(skel->maps.ratelimit_windows));
	return 0;
}
