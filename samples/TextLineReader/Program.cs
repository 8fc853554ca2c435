using ModelCompiler.Runtime;
using TextLineReader;

string folder = AppContext.BaseDirectory;
string[] paths = args.Length > 0 ? args : [.. Directory.GetFiles(Path.Combine(folder, "lines"), "*.pgm").Order(StringComparer.Ordinal)];
var decoder = new CtcDecoder(Path.Combine(folder, "ppocr_keys_v1.txt"));
using var predictor = new TextLinePredictor();

foreach (string path in paths)
{
    // Of any size: the model itself brings a line to 48 rows, and reads as far as it goes.
    var picture = GrayPicture.Read(path);
    var result = predictor.Predict(new ImagePixels(picture.Pixels, picture.Width, picture.Height, PixelFormat.Gray));
    Console.WriteLine($"{Path.GetFileName(path)}: {decoder.Decode(result.Characters)}");
}
