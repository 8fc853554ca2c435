using System.Globalization;
using Xunit;

namespace ModelCompiler.Runtime.Tests.Predictors;

public sealed class ValueTextTests
{
    [Fact]
    public void Shows_the_first_items_in_any_culture()
    {
        CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
        var map = new Dictionary<string, float> { ["setosa"] = 0.25f, ["versicolor"] = 0.75f };
        var tensor = new PredictionTensor<float>([1, 2.5f], [2]);

        Assert.Equal("{ setosa: 0.25, versicolor: 0.75 }", ValueText.Of(map));
        Assert.Equal("[{ setosa: 0.25, versicolor: 0.75 }]", ValueText.Of([map]));
        Assert.Equal("[float32[2] { 1, 2.5 }, float32[2] { 1, 2.5 }]", ValueText.Of<float>([tensor, tensor]));
        Assert.Equal("float32[2] { 1, 2.5 }", ValueText.Of(tensor));
        Assert.Equal("nothing", ValueText.Of<float>((PredictionTensor<float>?)null));
        Assert.Equal("{ 0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 7, … }", ValueText.Of(Enumerable.Range(0, 9).ToDictionary(i => (long)i, i => i)));
    }
}
