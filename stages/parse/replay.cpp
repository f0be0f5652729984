#include "penstock/sources/replay.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "penstock/detail/letters.hpp"
#include "penstock/errors.hpp"
#include "penstock/ledgers.hpp"

namespace penstock {

namespace {

/// Gives the requests of letters that somebody else finds.
class letter_source : public detail::any_source {
public:
    bool next(void* room, const std::stop_token& stop) final {
        dead_letter letter;
        while (!stop.stop_requested() && next_letter(letter)) {
            if (which_ && !which_(letter)) continue;
            if (std::optional<request> again = detail::request_of(letter)) {
                std::construct_at(static_cast<request*>(room), *std::move(again));
                return true;
            }
        }
        return false;
    }

protected:
    explicit letter_source(letter_filter which)
        : any_source("replay", detail::value_type_of<request>), which_(std::move(which)) {}

    virtual bool next_letter(dead_letter& letter) = 0;

private:
    letter_filter which_;
};

class file_of_letters final : public letter_source {
public:
    file_of_letters(std::filesystem::path file, letter_filter which)
        : letter_source(std::move(which)), file_(std::move(file)) {}

    void open() override {
        lines_ = std::ifstream(file_);
        if (!lines_) throw preflight_failed("replay: cannot open " + file_.string() + ": " + std::strerror(errno));
        if (std::filesystem::is_directory(file_)) throw preflight_failed("replay: " + file_.string() + " is a folder");
        lines_.exceptions(std::ios::badbit);
        // A letter that this run adds is not to be read by it: it would be its own work without end.
        left_ = std::filesystem::is_regular_file(file_) ? std::filesystem::file_size(file_) : no_end;
        number_ = cut_ = first_cut_ = 0;
    }

private:
    static constexpr std::uintmax_t no_end = std::numeric_limits<std::uintmax_t>::max();

    bool read_line(std::string& line) {
        try {
            if (left_ == 0 || !std::getline(lines_, line)) return false;
        } catch (const std::ios_base::failure& failed) {
            throw std::runtime_error("cannot read " + file_.string() + ": " + failed.code().message());
        }
        if (line.size() > left_) line.resize(left_);
        if (left_ != no_end) left_ -= std::min<std::uintmax_t>(left_, line.size() + 1);
        ++number_;
        return true;
    }

    bool next_letter(dead_letter& letter) override {
        for (std::string line; read_line(line);) {
            if (line.empty()) continue;
            detail::letter_line read = detail::read_letter_line(line);
            if (read.cut_off && ++cut_ == 1) first_cut_ = number_;
            if (read.letter) {
                letter = *std::move(read.letter);
                return true;
            }
            if (!read.cut_off)
                throw std::runtime_error("line " + std::to_string(number_) + " of " + file_.string()
                                         + " is no dead letter");
        }
        if (cut_ != 0) detail::tell_of_cut_lines(file_, cut_, first_cut_);
        return false;
    }

    const std::filesystem::path file_;
    std::ifstream lines_;
    std::uintmax_t left_ = 0;  ///< So many bytes of the file are still to be read.
    std::uint64_t number_ = 0;
    std::uint64_t cut_ = 0;
    std::uint64_t first_cut_ = 0;
};

class letters_of_a_ledger final : public letter_source {
public:
    letters_of_a_ledger(database in, std::string name, letter_filter which, std::string_view schema)
        : letter_source(std::move(which)), in_(std::move(in), schema), name_(std::move(name)) {}

    void open() override {
        behind_ = {};
        read_more();
        if (some_.empty() && !in_.contains(name_)) {
            throw preflight_failed("replay: there is no ledger \"" + name_
                                   + "\"; if its table is in another schema, name that");
        }
    }

private:
    bool next_letter(dead_letter& letter) override {
        if (at_ == some_.size()) read_more();
        if (at_ == some_.size()) return false;
        letter = std::move(some_[at_++].letter);
        return true;
    }

    void read_more() {
        constexpr std::size_t at_once = 500;
        some_ = in_.dead(name_, at_once, behind_);
        at_ = 0;
        if (!some_.empty()) behind_ = some_.back().key;
    }

    const ledgers in_;
    const std::string name_;
    item_key behind_;
    std::vector<ledger_item> some_;
    std::size_t at_ = 0;
};

bare_source<request> source_of(std::unique_ptr<letter_source> letters) {
    detail::blueprint plan;
    plan.source = std::move(letters);
    return bare_source<request>(std::move(plan));
}

}  // namespace

bare_source<request> replay(std::filesystem::path letters, letter_filter which) {
    if (letters.empty()) throw bad_option("replay: the path of the dead letters is empty");
    return source_of(std::make_unique<file_of_letters>(std::move(letters), std::move(which)));
}

bare_source<request> replay(database in, std::string ledger, letter_filter which, std::string_view schema) {
    return source_of(std::make_unique<letters_of_a_ledger>(std::move(in), std::move(ledger), std::move(which), schema));
}

}  // namespace penstock
