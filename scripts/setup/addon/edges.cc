#include "op_call.h"
#include "own_ops.h"

namespace tfnodejs {
namespace {

bool IsPaddable(int64_t height, int64_t width, int64_t padding) {
  return padding >= 0 && std::min(height, width) > padding;
}

// x [N,H,W,C] to y [N,H+2p,W+2p,C]
void ComputePad(void *kernel, TF_OpKernelContext *context) {
  const int64_t padding = static_cast<Padding *>(kernel)->pixels;
  Call call(context);
  Pictures x;
  if (!ReadPictures(&call, 0, &x)) return;
  const int64_t height = x.shape[1], width = x.shape[2];
  if (!IsPaddable(height, width, padding)) return call.Refuse("Diptych: a picture is smaller than what is mirrored of it.");
  const int64_t tall = height + 2 * padding, wide = width + 2 * padding;
  char *y = static_cast<char *>(call.Output(0, x.type, {x.shape[0], tall, wide, x.shape[3]}));
  if (!call.IsOk()) return;
  const size_t pixel = x.Channels() * TF_DataTypeSize(x.type);
  const size_t lines = static_cast<size_t>(x.shape[0] * tall);
  ForEachStretch(lines, lines * static_cast<size_t>(wide) * x.Channels(), [&](size_t first, size_t end) {
    for (size_t line = first; line < end; ++line) {
      const size_t picture = line / static_cast<size_t>(tall);
      const int64_t row = static_cast<int64_t>(line % static_cast<size_t>(tall)) - padding;
      const char *from = x.data + (picture * static_cast<size_t>(height) + Mirrored(row, height)) * static_cast<size_t>(width) * pixel;
      char *to = y + line * static_cast<size_t>(wide) * pixel;
      std::memcpy(to + static_cast<size_t>(padding) * pixel, from, static_cast<size_t>(width) * pixel);
      for (int64_t side = 0; side < padding; ++side) {
        std::memcpy(to + static_cast<size_t>(side) * pixel, from + Mirrored(side - padding, width) * pixel, pixel);
        std::memcpy(to + static_cast<size_t>(padding + width + side) * pixel, from + Mirrored(width + side, width) * pixel, pixel);
      }
    }
  });
}

// The lines, or columns, of a padded picture that show line `at` of the picture: itself first.
std::vector<size_t> ShownIn(int64_t at, int64_t length, int64_t padding) {
  std::vector<size_t> places = {static_cast<size_t>(at + padding)};
  if (at >= 1 && at <= padding) places.push_back(static_cast<size_t>(padding - at));
  const int64_t fromEnd = length - 1 - at;
  if (fromEnd >= 1 && fromEnd <= padding) places.push_back(static_cast<size_t>(padding + length - 1 + fromEnd));
  return places;
}

// dy [N,H+2p,W+2p,C] to dx [N,H,W,C]: each pixel gets what was shown of it, wherever that was.
void ComputePadGradient(void *kernel, TF_OpKernelContext *context) {
  const int64_t padding = static_cast<Padding *>(kernel)->pixels;
  Call call(context);
  Pictures dy;
  if (!ReadPictures(&call, 0, &dy)) return;
  const int64_t height = dy.shape[1] - 2 * padding, width = dy.shape[2] - 2 * padding;
  if (!IsPaddable(height, width, padding)) return call.Refuse("Diptych: a gradient is smaller than what was mirrored.");
  const std::vector<int64_t> shape = {dy.shape[0], height, width, dy.shape[3]};
  char *dx = static_cast<char *>(call.Output(0, dy.type, shape));
  if (!call.IsOk()) return;
  const size_t channels = dy.Channels(), wide = static_cast<size_t>(dy.shape[2]);
  const size_t numbers = static_cast<size_t>(width) * channels;
  const size_t lines = static_cast<size_t>(dy.shape[0] * height);
  ForEachStretch(lines, lines * numbers, [&](size_t from, size_t end) {
    Reader reader(dy.type, dy.data);
    Writer writer(dy.type, dx);
    std::vector<float> whole(wide * channels);
    for (size_t line = from; line < end; ++line) {
      const size_t picture = line / static_cast<size_t>(height);
      const size_t top = picture * static_cast<size_t>(dy.shape[1]);
      const std::vector<size_t> shown = ShownIn(static_cast<int64_t>(line % static_cast<size_t>(height)), height, padding);
      reader.ReadInto(whole.data(), (top + shown[0]) * wide * channels, wide * channels);
      for (size_t other = 1; other < shown.size(); ++other)
        Add(whole.data(), reader.Read((top + shown[other]) * wide * channels, wide * channels), wide * channels);
      float *own = whole.data() + static_cast<size_t>(padding) * channels;
      for (int64_t column = 0; column < width; ++column) {
        if (column > padding && column < width - 1 - padding) continue;
        const std::vector<size_t> places = ShownIn(column, width, padding);
        for (size_t other = 1; other < places.size(); ++other)
          Add(own + static_cast<size_t>(column) * channels, whole.data() + places[other] * channels, channels);
      }
      std::memcpy(writer.Place(line * numbers, numbers), own, numbers * sizeof(float));
      writer.Put(line * numbers, numbers);
    }
  });
}

// How much is put around a picture at each side; below 0: taken away.
struct Frame {
  int32_t top = 0, left = 0, bottom = 0, right = 0;
  void Read(Attributes *attributes) {
    attributes->Read("top", &top);
    attributes->Read("left", &left);
    attributes->Read("bottom", &bottom);
    attributes->Read("right", &right);
  }
};

// x [N,H,W,C] to y [N,H+top+bottom,W+left+right,C], zeros around it
void ComputeFrame(void *kernel, TF_OpKernelContext *context) {
  const Frame &frame = *static_cast<Frame *>(kernel);
  Call call(context);
  Pictures x;
  if (!ReadPictures(&call, 0, &x)) return;
  const int64_t height = x.shape[1], width = x.shape[2];
  const int64_t tall = height + frame.top + frame.bottom, wide = width + frame.left + frame.right;
  if (std::min(tall, wide) < 1) return call.Refuse("Diptych: a picture is smaller than what is taken away of it.");
  char *y = static_cast<char *>(call.Output(0, x.type, {x.shape[0], tall, wide, x.shape[3]}));
  if (!call.IsOk()) return;
  const size_t pixel = x.Channels() * TF_DataTypeSize(x.type);
  const size_t lines = static_cast<size_t>(x.shape[0] * tall);
  // Columns of the result that show some of the picture.
  const int64_t from = std::clamp<int64_t>(frame.left, 0, wide), to = std::clamp(frame.left + width, from, wide);
  const auto bytes = [&](int64_t pixels) { return static_cast<size_t>(pixels) * pixel; };
  ForEachStretch(lines, lines * static_cast<size_t>(wide) * x.Channels(), [&](size_t first, size_t end) {
    for (size_t line = first; line < end; ++line) {
      const int64_t picture = static_cast<int64_t>(line) / tall, row = static_cast<int64_t>(line) % tall - frame.top;
      char *place = y + line * bytes(wide);
      if (row < 0 || row >= height) {
        std::memset(place, 0, bytes(wide));
        continue;
      }
      std::memset(place, 0, bytes(from));
      std::memcpy(place + bytes(from), x.data + bytes((picture * height + row) * width + from - frame.left), bytes(to - from));
      std::memset(place + bytes(to), 0, bytes(wide - to));
    }
  });
}

}  // namespace

std::vector<OwnOp> EdgeOps() {
  return {
      {"DiptychMirrorPad", {"x: T"}, {"y: T"}, {"padding: int"}, Unknown, Create<Padding>, ComputePad, Destroy<Padding>},
      {"DiptychMirrorPadGrad", {"dy: T"}, {"dx: T"}, {"padding: int"}, Unknown, Create<Padding>, ComputePadGradient, Destroy<Padding>},
      {"DiptychFrame", {"x: T"}, {"y: T"}, {"top: int", "left: int", "bottom: int", "right: int"}, Unknown, Create<Frame>, ComputeFrame,
       Destroy<Frame>},
  };
}

}  // namespace tfnodejs
