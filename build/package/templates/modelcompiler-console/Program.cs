using ConsoleWithModel;

// The build made ModelPredictor of the model. Its method Predict takes a span for each input, checks the shapes, and returns a result with a
// member for each output:
//
//     var result = model.Predict(pixels);
//     Console.WriteLine(result.Logits.ArgMax());
using var model = new ModelPredictor();

Console.WriteLine(ModelPredictor.ModelPath);
foreach (var input in model.Session.Inputs)
{
    Console.WriteLine($"  input  {input}");
}

foreach (var output in model.Session.Outputs)
{
    Console.WriteLine($"  output {output}");
}
