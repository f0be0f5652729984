#include "campaign.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <random>
#include <string_view>

// There in programs that are built with a sanitizer.
extern "C" __attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)());

namespace penstock::testing {

namespace {

/// What is being run, in a form that a signal handler may print.
std::array<char, 8192> under_way{};

void print_what_is_under_way() {
    const std::string_view words[] = {"\nthis schedule crashed or hung: PENSTOCK_SCHEDULE=", under_way.data(), "\n"};
    for (const std::string_view part : words) {
        if (::write(STDERR_FILENO, part.data(), part.size()) < 0) return;
    }
}

void print_and_die(int number) {
    print_what_is_under_way();
    ::signal(number, SIG_DFL);
    ::raise(number);
}

void name_the_culprit() {
    if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(&print_what_is_under_way);
    for (const int number : {SIGABRT, SIGALRM, SIGSEGV, SIGFPE, SIGBUS}) ::signal(number, &print_and_die);
}

std::string run_one(const schedule_runner& run, std::span<const std::uint8_t> bytes, unsigned seconds) {
    const std::string text = to_hexadecimal(bytes);
    under_way[text.copy(under_way.data(), under_way.size() - 1)] = '\0';
    ::alarm(seconds);
    std::string finding = run(bytes);
    ::alarm(0);
    return finding;
}

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* const text = std::getenv(variable);
    return text == nullptr ? otherwise : std::stoull(text);
}

}  // namespace

schedule_bytes bytes_of(const campaign& of, std::uint64_t number) {
    std::seed_seq seed{of.seed, of.seed >> 32, number, number >> 32};
    std::mt19937 dice(seed);
    schedule_bytes bytes(dice() % (of.longest + 1));
    for (std::uint8_t& one : bytes) one = static_cast<std::uint8_t>(dice());
    return bytes;
}

std::string run_campaign(const schedule_runner& run, campaign what) {
    name_the_culprit();
    if (const char* const one = std::getenv("PENSTOCK_SCHEDULE")) {
        return run_one(run, from_hexadecimal(one), what.seconds_each);
    }
    what.schedules = number_from("PENSTOCK_SCHEDULES", what.schedules);
    what.seed = number_from("PENSTOCK_SEED", what.seed);
    for (std::uint64_t number = 0; number < what.schedules; ++number) {
        schedule_bytes bytes = bytes_of(what, number);
        const std::string finding = run_one(run, bytes, what.seconds_each);
        if (finding.empty()) continue;
        std::string text =
            "schedule " + std::to_string(number) + " of seed " + std::to_string(what.seed) + ": " + finding;
        if (what.always_runs_the_same) {
            bytes = shorten(run, bytes);
            text += "\nshortened: " + run(bytes);
        }
        return text + "\nPENSTOCK_SCHEDULE=" + to_hexadecimal(bytes);
    }
    return {};
}

schedule_bytes shorten(const schedule_runner& run, schedule_bytes bytes) {
    unsigned left = 5000;
    const auto take_if_bad = [&](const schedule_bytes& other) {
        if (left == 0 || other == bytes) return false;
        --left;
        if (run(other).empty()) return false;
        bytes = other;
        return true;
    };
    for (std::size_t size = bytes.size(); size != 0; size /= 2) {
        for (std::size_t at = 0; at < bytes.size();) {
            const auto from = static_cast<std::ptrdiff_t>(at);
            const auto to = static_cast<std::ptrdiff_t>(std::min(at + size, bytes.size()));
            schedule_bytes without = bytes;
            without.erase(without.begin() + from, without.begin() + to);
            schedule_bytes calmer = bytes;
            std::fill(calmer.begin() + from, calmer.begin() + to, std::uint8_t{0});
            if (take_if_bad(without)) continue;
            take_if_bad(calmer);
            at += size;
        }
    }
    return bytes;
}

std::string to_hexadecimal(std::span<const std::uint8_t> bytes) {
    std::string text;
    for (const std::uint8_t one : bytes) {
        text += "0123456789abcdef"[one >> 4];
        text += "0123456789abcdef"[one & 15];
    }
    return text;
}

schedule_bytes from_hexadecimal(const std::string& text) {
    schedule_bytes bytes;
    for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
        bytes.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(at, 2), nullptr, 16)));
    }
    return bytes;
}

}  // namespace penstock::testing
