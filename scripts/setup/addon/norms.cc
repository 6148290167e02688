#include <cmath>

#include "op_call.h"
#include "own_ops.h"

namespace tfnodejs {
namespace {

// Rows of pixels whose statistics are taken together: one picture, or all of them.
struct Groups {
  size_t count;
  size_t rows;
  size_t channels;
  size_t parts;

  // Calls with the group, the part, its first row of all and its number of rows.
  template <typename Work>
  void ForEachPart(const Work &work) const {
    const auto one = [&](size_t index) {
      const size_t group = index / parts, part = index % parts;
      const size_t from = rows * part / parts, to = rows * (part + 1) / parts;
      work(group, part, group * rows + from, to - from);
    };
    if (count * rows * channels >= WORTH_SHARING) return ForEach(count * parts, one);
    for (size_t index = 0; index < count * parts; ++index) one(index);
  }

  // Calls with the first number and the number of rows, as many as stay in the cache.
  template <typename Work>
  void ForEachBlock(size_t row, size_t rowsLeft, const Work &work) const {
    const size_t most = std::max<size_t>(1, BLOCK / channels);
    for (; rowsLeft > 0;) {
      const size_t now = std::min(most, rowsLeft);
      work(row * channels, now);
      row += now;
      rowsLeft -= now;
    }
  }
};

Groups GroupsOf(const Pictures &x, bool isPerPicture) {
  const size_t channels = x.Channels();
  const size_t pixels = channels == 0 ? 0 : x.Count() / channels;
  const size_t count = isPerPicture ? static_cast<size_t>(x.shape[0]) : 1;
  const size_t rows = count == 0 ? 0 : pixels / count;
  return {count, rows, channels, std::max<size_t>(1, std::min(PARTS, rows / 4))};
}

// Means and sums of squared distances from them, of so many rows.
struct RunningMoments {
  double rows = 0;
  std::vector<double> mean, squares;

  explicit RunningMoments(size_t channels) : mean(channels, 0), squares(channels, 0) {}

  // Those of two sets as those of both (Chan, Golub, LeVeque 1979, equation 2.1).
  void Join(const RunningMoments &other) {
    const double all = rows + other.rows;
    if (all == 0) return;
    const double share = other.rows / all;
    for (size_t c = 0; c < mean.size(); ++c) {
      const double distance = other.mean[c] - mean[c];
      mean[c] += distance * share;
      squares[c] += other.squares[c] + distance * distance * rows * share;
    }
    rows = all;
  }

  void Join(size_t others, const float *aboutMean, const float *distances, const float *aboutSquares) {
    const double count = static_cast<double>(others);
    JoinMoments(mean.size(), rows, count, aboutMean, distances, aboutSquares, mean.data(), squares.data());
    rows += count;
  }
};

struct NormOptions {
  float epsilon = 0;
  float slope = 1;
  unsigned char isPerPicture = 0;
  void Read(Attributes *attributes) {
    attributes->Read("epsilon", &epsilon);
    attributes->Read("slope", &slope);
    attributes->Read("per_picture", &isPerPicture);
  }
};

// What does not fit into `mean` goes into `rest`: of a picture that is nearly flat it would be taken for detail.
void TakeMoments(const Pictures &x, const Groups &groups, float *mean, float *rest, float *variance) {
  std::vector<RunningMoments> parts(groups.count * groups.parts, RunningMoments(groups.channels));
  groups.ForEachPart([&](size_t group, size_t part, size_t row, size_t rows) {
    Reader reader(x.type, x.data);
    std::vector<float> blockMean(groups.channels), distances(groups.channels), squares(groups.channels);
    RunningMoments &own = parts[group * groups.parts + part];
    groups.ForEachBlock(row, rows, [&](size_t start, size_t count) {
      Moments(reader.Read(start, count * groups.channels), count, groups.channels, blockMean.data(),
              distances.data(), squares.data());
      own.Join(count, blockMean.data(), distances.data(), squares.data());
    });
  });
  for (size_t group = 0; group < groups.count; ++group) {
    RunningMoments all(groups.channels);
    for (size_t part = 0; part < groups.parts; ++part) all.Join(parts[group * groups.parts + part]);
    for (size_t c = 0; c < groups.channels; ++c) {
      const size_t at = group * groups.channels + c;
      mean[at] = static_cast<float>(all.mean[c]);
      rest[at] = static_cast<float>(all.mean[c] - mean[at]);
      variance[at] = static_cast<float>(all.squares[c] / all.rows);
    }
  }
}

// 1 / sqrt(variance + epsilon), for every group and channel.
std::vector<float> InverseOf(const float *variance, size_t count, float epsilon) {
  std::vector<float> inverse(count);
  for (size_t at = 0; at < count; ++at)
    inverse[at] = static_cast<float>(1 / std::sqrt(static_cast<double>(variance[at]) + epsilon));
  return inverse;
}

// x [N,H,W,C], scale [C], offset [C] to y [N,H,W,C], mean, rest, variance [G,C]; where a fourth input is given, y with it added
void ComputeNorm(void *kernel, TF_OpKernelContext *context) {
  const NormOptions &options = *static_cast<NormOptions *>(kernel);
  Call call(context);
  Pictures x;
  if (!ReadPictures(&call, 0, &x)) return;
  const Groups groups = GroupsOf(x, options.isPerPicture != 0);
  const float *scale = call.Floats(1, groups.channels);
  const float *offset = call.Floats(2, groups.channels);
  Pictures added;
  if (!call.IsOk() || (call.Inputs() > 3 && !ReadPictures(&call, 3, &added))) return;
  if (added.data != nullptr && added.shape != x.shape) return call.Refuse("Diptych: what is added has the shape of the picture.");
  const std::vector<int64_t> perGroup = {static_cast<int64_t>(groups.count), x.shape[3]};
  char *y = static_cast<char *>(call.OutputInPlace(x.shape));
  float *mean = static_cast<float *>(call.Output(1, TF_FLOAT, perGroup));
  float *rest = static_cast<float *>(call.Output(2, TF_FLOAT, perGroup));
  float *variance = static_cast<float *>(call.Output(3, TF_FLOAT, perGroup));
  if (!call.IsOk()) return;
  if (x.Count() == 0) {
    for (float *numbers : {mean, rest, variance}) std::fill_n(numbers, groups.count * groups.channels, 0.0f);
    return;
  }

  TakeMoments(x, groups, mean, rest, variance);
  std::vector<float> factor = InverseOf(variance, groups.count * groups.channels, options.epsilon), level = factor;
  for (size_t at = 0; at < factor.size(); ++at) {
    factor[at] *= scale[at % groups.channels];
    level[at] = offset[at % groups.channels] - rest[at] * factor[at];
  }
  groups.ForEachPart([&](size_t group, size_t, size_t row, size_t rows) {
    Reader reader(x.type, x.data), others(x.type, added.data);
    Writer writer(x.type, y, y == x.data);
    const size_t first = group * groups.channels;
    groups.ForEachBlock(row, rows, [&](size_t start, size_t count) {
      const size_t numbers = count * groups.channels;
      float *place = writer.Place(start, numbers);
      Normalise(reader.Read(start, numbers), count, groups.channels, mean + first, factor.data() + first,
                level.data() + first, options.slope, place);
      if (added.data != nullptr) Add(place, others.Read(start, numbers), numbers);
      writer.Put(start, numbers);
    });
  });
}

// Adds up what every part of each group found, in their order.
std::vector<double> AddUp(const std::vector<std::vector<double>> &parts, const Groups &groups) {
  std::vector<double> sums(groups.count * groups.channels, 0);
  for (size_t index = 0; index < parts.size(); ++index)
    for (size_t c = 0; c < groups.channels; ++c) sums[index / groups.parts * groups.channels + c] += parts[index][c];
  return sums;
}

// dy, x [N,H,W,C], scale [C], offset [C], mean, rest, variance [G,C] to dx [N,H,W,C], dscale [C], doffset [C]
void ComputeNormGradient(void *kernel, TF_OpKernelContext *context) {
  const NormOptions &options = *static_cast<NormOptions *>(kernel);
  Call call(context);
  Pictures dy, x;
  if (!ReadPictures(&call, 0, &dy) || !ReadPictures(&call, 1, &x)) return;
  if (dy.shape != x.shape || dy.type != x.type) return call.Refuse("Diptych: a gradient has the shape of its picture.");
  const Groups groups = GroupsOf(x, options.isPerPicture != 0);
  const size_t perGroup = groups.count * groups.channels;
  const float *scale = call.Floats(2, groups.channels);
  const float *offset = call.Floats(3, groups.channels);
  const float *mean = call.Floats(4, perGroup);
  const float *rest = call.Floats(5, perGroup);
  const float *variance = call.Floats(6, perGroup);
  char *dx = static_cast<char *>(call.Output(0, x.type, x.shape));
  float *dscale = static_cast<float *>(call.Output(1, TF_FLOAT, {x.shape[3]}));
  float *doffset = static_cast<float *>(call.Output(2, TF_FLOAT, {x.shape[3]}));
  if (!call.IsOk()) return;
  if (x.Count() == 0) {
    std::fill_n(dscale, groups.channels, 0.0f);
    std::fill_n(doffset, groups.channels, 0.0f);
    return;
  }

  const std::vector<float> inverse = InverseOf(variance, perGroup, options.epsilon);
  std::vector<float> shift(perGroup);
  for (size_t at = 0; at < perGroup; ++at) shift[at] = rest[at] * inverse[at];
  const auto normOf = [&](size_t group) -> NormConstants {
    const size_t first = group * groups.channels;
    return {mean + first, inverse.data() + first, shift.data() + first, scale, offset};
  };
  const std::vector<double> zeros(groups.channels, 0);
  std::vector<std::vector<double>> sums(groups.count * groups.parts, zeros), products = sums;
  groups.ForEachPart([&](size_t group, size_t part, size_t row, size_t rows) {
    Reader above(dy.type, dy.data), below(x.type, x.data);
    std::vector<float> sum(groups.channels), product(groups.channels);
    std::vector<double> &allSums = sums[group * groups.parts + part];
    std::vector<double> &allProducts = products[group * groups.parts + part];
    groups.ForEachBlock(row, rows, [&](size_t start, size_t count) {
      const size_t numbers = count * groups.channels;
      GradientSums(above.Read(start, numbers), below.Read(start, numbers), count, groups.channels, normOf(group),
                   options.slope, sum.data(), product.data());
      for (size_t c = 0; c < groups.channels; ++c) {
        allSums[c] += sum[c];
        allProducts[c] += product[c];
      }
    });
  });
  const std::vector<double> allSums = AddUp(sums, groups), allProducts = AddUp(products, groups);
  for (size_t c = 0; c < groups.channels; ++c) {
    double scaleSum = 0, offsetSum = 0;
    for (size_t at = c; at < perGroup; at += groups.channels) {
      scaleSum += allProducts[at];
      offsetSum += allSums[at];
    }
    dscale[c] = static_cast<float>(scaleSum);
    doffset[c] = static_cast<float>(offsetSum);
  }
  std::vector<float> meanOfG(perGroup), meanOfProduct(perGroup);
  for (size_t at = 0; at < perGroup; ++at) {
    meanOfG[at] = static_cast<float>(allSums[at] / static_cast<double>(groups.rows));
    meanOfProduct[at] = static_cast<float>(allProducts[at] / static_cast<double>(groups.rows));
  }
  groups.ForEachPart([&](size_t group, size_t, size_t row, size_t rows) {
    Reader above(dy.type, dy.data), below(x.type, x.data);
    Writer writer(x.type, dx);
    const size_t first = group * groups.channels;
    groups.ForEachBlock(row, rows, [&](size_t start, size_t count) {
      const size_t numbers = count * groups.channels;
      GradientRows(above.Read(start, numbers), below.Read(start, numbers), count, groups.channels, normOf(group),
                   options.slope, meanOfG.data() + first, meanOfProduct.data() + first, writer.Place(start, numbers));
      writer.Put(start, numbers);
    });
  });
}

}  // namespace

std::vector<OwnOp> NormOps() {
  const std::vector<const char *> attributes = {"epsilon: float", "slope: float", "per_picture: bool"};
  const std::vector<const char *> outputs = {"y: T", "mean: float", "rest: float", "variance: float"};
  return {
      {"DiptychNorm", {"x: T", "scale: float", "offset: float"}, outputs, attributes, LikeFirstInput, Create<NormOptions>, ComputeNorm,
       Destroy<NormOptions>},
      {"DiptychNormAdd", {"x: T", "scale: float", "offset: float", "added: T"}, outputs, attributes, LikeFirstInput, Create<NormOptions>,
       ComputeNorm, Destroy<NormOptions>},
      {"DiptychNormGrad",
       {"dy: T", "x: T", "scale: float", "offset: float", "mean: float", "rest: float", "variance: float"},
       {"dx: T", "dscale: float", "doffset: float"},
       attributes, LikeFirstInput, Create<NormOptions>, ComputeNormGradient, Destroy<NormOptions>},
  };
}

}  // namespace tfnodejs
