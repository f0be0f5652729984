#include "workload.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace bench_job {

namespace {

/// Numbers that follow from a seed (SplitMix64), so that page 7 can be made without pages 0 to 6.
class numbers {
public:
    explicit numbers(std::int64_t seed) : state_(static_cast<std::uint64_t>(seed) * 0xd1342543de82ef95U + 1) {}

    /// 0 to `bound` - 1.
    std::uint64_t below(std::uint64_t bound) {
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t mixed = state_;
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
        return (mixed ^ (mixed >> 31)) % bound;
    }

    template <std::size_t Count>
    std::string_view one_of(const std::array<std::string_view, Count>& choices) {
        return choices[below(Count)];
    }

private:
    std::uint64_t state_;
};

constexpr std::array<std::string_view, 5> types = {"annual", "quarterly", "insider", "prospectus", "amendment"};
constexpr std::array<std::string_view, 16> words = {
    "turnover", "inventory", "auditor", "pension", "goodwill",  "licence", "subsidiary", "warrant",
    "loan",     "covenant",  "tax",     "lease",   "provision", "merger",  "buyback",    "guidance"};
/// Most notes are plain; the others hold what JSON or COPY must escape.
constexpr std::array<std::string_view, 10> endings = {"",
                                                      "",
                                                      "",
                                                      "",
                                                      "",
                                                      "",
                                                      " as \"restated\"",
                                                      " see C:\\filings\\old",
                                                      " – caf\u00e9 z\u00fcrich",
                                                      " first\nsecond\tthird"};

std::string digits(std::uint64_t value, std::size_t width) {
    std::string text = std::to_string(value);
    return std::string(text.size() < width ? width - text.size() : 0, '0') + text;
}

/// The shortest text that is read back as the same double.
std::string shortest(double value) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value);
    return {text.data(), end.ptr};
}

/// The code point at the front of valid UTF-8, which is taken off. Three bytes at most: `endings` has no longer ones.
unsigned next_code_point(std::string_view& text) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const std::size_t size = byte(0) < 0x80 ? 1 : byte(0) < 0xe0 ? 2 : 3;
    unsigned point = size == 1 ? byte(0) : byte(0) & (0xffU >> (size + 1));
    for (std::size_t at = 1; at < size; ++at) point = point << 6 | (byte(at) & 0x3fU);
    text.remove_prefix(size);
    return point;
}

std::string json_text(std::string_view text, bool ascii) {
    std::string quoted = "\"";
    while (!text.empty()) {
        const std::string_view before = text;
        const unsigned point = next_code_point(text);
        if (point == '\n') {
            quoted += "\\n";
        } else if (point == '\t') {
            quoted += "\\t";
        } else if (point == '"' || point == '\\') {
            quoted += {'\\', static_cast<char>(point)};
        } else if (point >= 0x80 && ascii) {
            std::array<char, 8> escape{};
            std::snprintf(escape.data(), escape.size(), "\\u%04x", point);
            quoted += escape.data();
        } else {
            quoted += before.substr(0, before.size() - text.size());
        }
    }
    return quoted + '"';
}

std::string copy_text(std::string_view text) {
    std::string escaped;
    for (const char letter : text) {
        switch (letter) {
            case '\n': escaped += "\\n"; break;
            case '\t': escaped += "\\t"; break;
            case '\\': escaped += "\\\\"; break;
            default: escaped += letter;
        }
    }
    return escaped;
}

std::string from_environment(const char* name) {
    const char* const value = std::getenv(name);
    if (value == nullptr || *value == '\0') give_up(std::string(name) + " is not set; run.sh sets it");
    return value;
}

}  // namespace

std::vector<filing> filings_of(std::int64_t company_id) {
    numbers random(company_id);
    std::vector<filing> filings(filings_per_page);
    for (std::size_t i = 0; i < filings.size(); ++i) {
        filing& one = filings[i];
        one.company_id = company_id;
        one.filing_id = 100'000'000 + company_id * std::int64_t{filings_per_page} + static_cast<std::int64_t>(i);
        one.filed = digits(1990 + random.below(35), 4) + '-' + digits(1 + random.below(12), 2) + '-'
                    + digits(1 + random.below(28), 2);
        one.type = random.one_of(types);
        one.amount = static_cast<double>(1 + random.below(999'999'999)) / 100;
        for (int word = 0; word < 9; ++word) (one.note += word == 0 ? "" : " ") += random.one_of(words);
        one.note += random.one_of(endings);
    }
    return filings;
}

std::string page_of(std::int64_t company_id) {
    const bool ascii = company_id % 2 == 0;
    std::string page = "{\"id\":" + std::to_string(company_id) + ",\"name\":\"Company " + std::to_string(company_id)
                       + " Holdings\",\"filings\":[";
    char before = '\0';
    for (const filing& one : filings_of(company_id)) {
        if (before != '\0') page += before;
        before = ',';
        page += "{\"company_id\":" + std::to_string(one.company_id) + ",\"filing_id\":" + std::to_string(one.filing_id)
                + ",\"filed\":\"" + one.filed + "\",\"type\":" + json_text(one.type, ascii)
                + ",\"amount\":" + shortest(one.amount) + ",\"note\":" + json_text(one.note, ascii) + '}';
    }
    return page + "]}";
}

std::string reference_rows_of(std::int64_t company_id) {
    std::string rows;
    for (const filing& one : filings_of(company_id)) {
        rows += std::to_string(one.company_id) + '\t' + std::to_string(one.filing_id) + '\t' + one.filed + '\t'
                + copy_text(one.type) + '\t' + shortest(one.amount) + '\t' + copy_text(one.note) + '\n';
    }
    return rows;
}

job job_from_environment() {
    const auto number = [](const char* name) {
        const long long value = std::atoll(from_environment(name).c_str());
        if (value < 1) give_up(std::string(name) + " must be 1 or more");
        return value;
    };
    job told;
    told.base_url = from_environment("BASE_URL");
    told.database_url = from_environment("DATABASE_URL");
    told.pages = number("PAGES");
    told.connections = static_cast<unsigned>(number("CONNECTIONS"));
    return told;
}

std::string path_of(std::int64_t page) { return "/item/" + std::to_string(page) + ".json"; }

void give_up(const std::string& why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::_Exit(1);
}

}  // namespace bench_job
