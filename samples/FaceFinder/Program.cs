using System.Globalization;
using FaceFinder;
using ModelCompiler.Runtime;

string path = args.Length > 0 ? args[0] : Path.Combine(AppContext.BaseDirectory, "pictures", "astronaut.ppm");
string output = args.Length > 1 ? args[1] : "faces.png";

var picture = ColorPicture.Read(path);
using var predictor = new FacePredictor();
var result = predictor.Predict(new ImagePixels(picture.Pixels, picture.Width, picture.Height));

foreach (var face in FaceDecoder.Decode(result, picture.Width, picture.Height))
{
    picture.Draw(face);
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"face from ({face.Left:F0}, {face.Top:F0}) to ({face.Right:F0}, {face.Bottom:F0}), {100 * face.Score:F0} %"));
}

PngFile.Write(output, picture);
Console.WriteLine($"drawn into {output}");
