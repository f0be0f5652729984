// Runs a command and says what the whole process cost.
//
//   measure RESULT COMMAND [WORD…]
//
// Writes to the file RESULT: wall seconds, user seconds, system seconds, most resident KiB, exit status.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>

namespace {

double seconds(const timeval& of) { return static_cast<double>(of.tv_sec) + static_cast<double>(of.tv_usec) * 1e-6; }

}  // namespace

int main(int count, char** words) {
    if (count < 3) {
        std::fprintf(stderr, "usage: measure RESULT COMMAND [WORD...]\n");
        return 2;
    }
    const auto began = std::chrono::steady_clock::now();
    const pid_t child = fork();
    if (child == 0) {
        execvp(words[2], words + 2);
        std::perror(words[2]);
        _exit(127);
    }
    int status = 0;
    rusage used{};
    if (child < 0 || wait4(child, &status, 0, &used) != child) {
        std::perror("measure");
        return 2;
    }
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
    std::FILE* const result = std::fopen(words[1], "w");
    if (result == nullptr) {
        std::perror(words[1]);
        return 2;
    }
    std::fprintf(result, "%.6f %.6f %.6f %ld %d\n", wall.count(), seconds(used.ru_utime), seconds(used.ru_stime),
                 used.ru_maxrss, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
    return std::fclose(result) == 0 ? 0 : 2;
}
