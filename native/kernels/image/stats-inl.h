// stats of words and floats: a unit is a band of rows, of which mean, squares around it, least and
// greatest sample of each channel are kept, band after band.
#pragma once

#include "kernels/simd.h"

namespace everycore::EC_ISA {
namespace {
namespace stats_ {

// Sums side by side, of which any number of channels has its own: the same ones on every CPU level.
constexpr int side = 12;

struct Moments {
  double count, mean, squares;

  // Chan, Golub, LeVeque: Updating formulae and a pairwise algorithm for computing sample
  // variances, 1979.
  void add(double otherCount, double otherMean, double otherSquares) {
    const double total = count + otherCount;
    const double step = otherMean - mean;
    squares += otherSquares + step * step * (count * otherCount / total);
    mean += step * (otherCount / total);
    count = total;
  }
};

template <class T>
void addRow(const T* row, int64_t pixels, int channels, Moments* moments, T* least, T* greatest) {
  const int64_t samples = pixels * channels;
  double sums[side] = {}, squares[side] = {}, means[side];
  int64_t i = 0;
  for (; i + side <= samples; i += side) {
    for (int k = 0; k < side; ++k) {
      const T x = row[i + k];
      sums[k] += x;
      // What is no number wins.
      least[k] = x < least[k] || x != x ? x : least[k];
      greatest[k] = x > greatest[k] || x != x ? x : greatest[k];
    }
  }
  for (int k = 0; i + k < samples; ++k) {
    const T x = row[i + k];
    sums[k] += x;
    least[k] = x < least[k] || x != x ? x : least[k];
    greatest[k] = x > greatest[k] || x != x ? x : greatest[k];
  }
  for (int c = 0; c < channels; ++c) {
    double sum = 0;
    for (int k = c; k < side; k += channels) sum += sums[k];
    for (int k = c; k < side; k += channels) means[k] = sum / static_cast<double>(pixels);
  }
  for (i = 0; i + side <= samples; i += side) {
    for (int k = 0; k < side; ++k) {
      const double apart = row[i + k] - means[k];
      squares[k] += apart * apart;
    }
  }
  for (int k = 0; i + k < samples; ++k) {
    const double apart = row[i + k] - means[k];
    squares[k] += apart * apart;
  }
  for (int c = 0; c < channels; ++c) {
    double sum = 0;
    for (int k = c; k < side; k += channels) sum += squares[k];
    moments[c].add(static_cast<double>(pixels), means[c], sum);
  }
}

// Views: image; of each band and channel pixels, mean, squares, least and greatest. Params: rows of
// a band.
template <class T>
void stats(const Call& call, Range range, void*) noexcept {
  const View& image = call.views[0];
  const int channels = static_cast<int>(image.shape[2]);
  const int64_t rows = static_cast<int64_t>(call.params[0]);
  for (int64_t band = range.begin; band < range.end; ++band) {
    Moments moments[4] = {};
    T least[side], greatest[side];
    const T* first = image.as<const T>() + band * rows * image.stride[0];
    for (int k = 0; k < side; ++k) least[k] = greatest[k] = first[k % channels];
    const int64_t end = minOf((band + 1) * rows, image.shape[0]);
    for (int64_t y = band * rows; y < end; ++y) {
      addRow(image.as<const T>() + y * image.stride[0], image.shape[1], channels, moments, least,
             greatest);
    }
    double* to = call.views[1].as<double>() + band * channels * 5;
    for (int c = 0; c < channels; ++c, to += 5) {
      T low = least[c], high = greatest[c];
      for (int k = c; k < side; k += channels) {
        low = least[k] < low || least[k] != least[k] ? least[k] : low;
        high = greatest[k] > high || greatest[k] != greatest[k] ? greatest[k] : high;
      }
      to[0] = moments[c].count;
      to[1] = moments[c].mean;
      to[2] = moments[c].squares;
      to[3] = low;
      to[4] = high;
    }
  }
}

}  // namespace stats_
}  // namespace
}  // namespace everycore::EC_ISA

#define EC_KERNELS_STATS \
  {"stats", Dtype::u16, {stats_::stats<uint16_t>}}, {"stats", Dtype::f32, {stats_::stats<float>}},
