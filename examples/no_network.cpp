// The engine alone: no network, no database. Numbers are squared in parallel and printed in order.
#include <iostream>
#include <numeric>
#include <penstock/penstock.hpp>
#include <vector>

namespace ps = penstock;

int main() {
    std::vector<int> numbers(20);
    std::iota(numbers.begin(), numbers.end(), 1);

    auto square = [](int n) { return n * n; };
    auto print = [](int n) { std::cout << n << '\n'; };

    auto job = ps::from(numbers) | ps::parallel("square", square) | ps::in_order("print", print);
    std::cerr << job.run({.queue_size = 4}) << '\n';
}
