// store_write_rows ROWS FOLDER: the text of the rows, a file a batch; and what it costs to make ten of them.
#include <chrono>
#include <fstream>
#include <iostream>

#include "stages/store/postgresql/encoder.hpp"
#include "workload.hpp"

int main(int count, char** words) {
    if (count != 3) return 2;
    using namespace bench_store;
    const auto table = filings();
    penstock::detail::postgresql::encoder encoder(table.spec());
    const std::int64_t items = std::stoll(words[1]) / static_cast<std::int64_t>(rows_in_an_item);
    constexpr std::int64_t items_in_a_batch = rows_in_a_batch / rows_in_an_item;
    std::ofstream file;
    std::chrono::nanoseconds busy{0};
    for (std::int64_t item = 0; item < items; ++item) {
        if (item % items_in_a_batch == 0) {
            const std::string number = std::to_string(1'000'000 + item / items_in_a_batch);
            file = std::ofstream(std::string(words[2]) + "/batch-" + number + ".copy", std::ios::binary);
        }
        const auto rows = make_item(item);
        const auto began = std::chrono::steady_clock::now();
        encoder.begin();
        for (const filing& row : rows) table.read(row, encoder);
        const auto text = encoder.finish();
        busy += std::chrono::steady_clock::now() - began;
        file << text.bytes;
    }
    std::cout << "encoding ten rows of six columns: " << static_cast<double>(busy.count()) / static_cast<double>(items)
              << " ns\n";
}
