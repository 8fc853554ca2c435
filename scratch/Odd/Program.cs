using ModelCompiler.Runtime;
using Odd;

static string Show<T>(TensorView<T> t) => t.ToString();

using (var forest = new SkForestPredictor())
{
    var r = forest.Predict([1, 2, 3, 4]);
    Console.WriteLine($"forest {r.OutputLabel.Span[0]} {r.OutputProbability[0][1]}");
    var many = forest.Predict([1, 2, 3, 4, 1, 2, 1, 4], 2);
    Console.WriteLine($"forest {many.OutputLabel} {many.OutputProbability.Count} | {many}");
}
using (var iris = new SkStringsPredictor())
{
    var r = iris.Predict(new float[4]);
    Console.WriteLine($"iris {r.OutputLabel.Span[0]} {string.Join(" ", r.OutputProbability[0].Select(p => $"{p.Key}={p.Value:F2}"))} | {r}");
}
using (var p = new XgbRegressorPredictor()) Console.WriteLine($"xgb {p.Predict([1, 2, 3, 4]).Variable.Span[0]} {string.Join(" ", p.PredictBatch([new XgbRegressorInput { Input = new float[4] }, new XgbRegressorInput { Input = new float[] { 9, 9, 9, 9 } }]).Select(r => r.Variable.Span[0]))}");
using (var p = new LgbmClassifierPredictor()) Console.WriteLine($"lgbm {p.Predict([1, 2, 3, 4])}");
using (var p = new TfidfPredictor()) Console.WriteLine($"tfidf {p.Predict(["the", "good", "Film"])}");
using (var p = new TfidfPipelinePredictor()) Console.WriteLine($"pipeline {p.Predict(["A", "b", "c"], 3)} {p.Predict(["A"])}");
using (var p = new LoopPredictor()) Console.WriteLine($"loop {p.Predict(3, true, [1, 2])}");
using (var p = new BranchPredictor()) Console.WriteLine($"branch {p.Predict(false, [-1, 2, 3, 4])} {p.Predict(true, new float[8], 2)}");
using (var p = new ScanPredictor()) Console.WriteLine($"scan {p.Predict([0, 0, 0], [1, 2, 3, 4, 5, 6], 2)}");
using (var p = new PassthroughPredictor()) Console.WriteLine($"pass {p.Predict(new float[4], [7])}");
using (var p = new TwicePredictor()) Console.WriteLine($"twice {p.Predict(new float[4])}");
using (var p = new NoinputsPredictor()) Console.WriteLine($"none {p.Predict()}");
using (var p = new StringScalarPredictor()) Console.WriteLine($"strings {p.Predict("é", ["a", "b"])} {p.Predict("x", ["a"])}");
using (var p = new EmptyPastPredictor()) Console.WriteLine($"empty {p.Predict([], new float[16]).Present.Shape[1]}");
using (var p = new ExpressionPredictor()) Console.WriteLine($"expr {p.Predict([1, 2, 3])}");
using (var p = new ThirtyPredictor()) Console.WriteLine($"thirty {p.Predict([1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1],[1])}");
using (var p = new OptionalTensorPredictor()) Console.WriteLine($"optional {p.Predict([1, 2, 3], null)} {p.Predict([1, 2, 3], new PredictionTensor<float>(new float[3], [3]))}");
using (var p = new SplitSequencePredictor()) Console.WriteLine($"split {string.Join(" ", p.Predict(new float[9], 3).Chunks)}");
using (var p = new TfImagePredictor()) Console.WriteLine($"tf {p.Predict(new byte[1 * 4 * 5 * 3], 1, 4, 5)}");
using (var p = new DetectorPredictor()) Console.WriteLine($"det {p.Predict(new float[3 * 4 * 4], [5], [0.5f], [0f], 4, 4)}");
using (var p = new DoubleGpPredictor()) Console.WriteLine($"gp {p.Predict([1, 2, 3])}");
using (var p = new TCnnPredictor()) Console.WriteLine($"cnn {p}");
using (var p = new THalfPredictor()) Console.WriteLine($"half {p.Predict(new Half[16])}");
using (var p = new EncoderPredictor())
{
    long[] ids = [1, 2, 3], mask = [1, 1, 1], types = [0, 0, 0];
    var r = p.Predict(ids, mask, types, 1, 3);
    Console.WriteLine($"bert {Show(r.LastHiddenState.View)} {r.PoolerOutput}");
    try { p.Predict(ids, mask, [0, 0], 1, 3); } catch (TensorMismatchException e) { Console.WriteLine(e.Message); }
    try { p.Predict(ids, mask, types, 3, 3); } catch (TensorMismatchException e) { Console.WriteLine(e.Message); }
    try { p.Predict([1, 200, 3], mask, types, 1, 3); } catch (ModelCompilerException e) { Console.WriteLine(e.Message); }
}
using (var p = new TaggerPredictor()) { using var s = p.OpenStream(); Console.WriteLine($"lstm {s.Predict(new float[8])} {s.Predict(new float[16])}"); }
using (var p = new GptPredictor())
{
    using var s = p.OpenStream();
    var a = s.Predict([3], [1]);
    var b = s.Predict([4], [1, 1]);
    Console.WriteLine($"gpt {a} {b}");
}
using (var p = new CnnPredictor()) Console.WriteLine($"image {p.Predict(new ImagePixels(new byte[300], 10, 10)).Logits.ArgMax()}");
using (var p = new CnnAutoPredictor()) Console.WriteLine($"auto {p.Predict(new float[2 * 3 * 32 * 32], 2)}");
using (var p = new OddNamesPredictor()) Console.WriteLine(string.Join(" ", p.GetType().GetMethods().First(m => m.Name == "Predict").GetParameters().Select(x => x.Name)));
